// SPDX-License-Identifier: MIT
/// \file
/// \brief Plan ↔ JSON, schema "llama-fleet/plan", version kPlanVersion. The object `build` is what nix/overlay.nix
/// reads:
///
///     "build": { "strategy", "package", "source", "blas", "openmp", "server",
///                "cpu": { "flags": { NAME: bool|string }, "variant": string|null, "native": string|null },
///                "cuda": { "architectures": string|null, "packages": string|null },
///                "rocm": { "targets": string|null },
///                "multi": [string], "extraFlags": { NAME: bool|string } }
///
/// `cpu.native` and `cuda.packages` are always written; where one is missing (plans from before) it is null.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "plan/plan.h"

namespace lf::plan {

inline constexpr int kPlanVersion = 1;

/// Deterministic bytes. Beside `build`: schema, version, host, system, because (array), notes.
std::string to_json(const Plan& plan);
Result<Plan> from_json(std::string_view text, const std::string& file);

/// "-DGGML_NATIVE:BOOL=FALSE", "-DCMAKE_CUDA_ARCHITECTURES:STRING=86-real": as nixpkgs' cmakeBool and cmakeFeature.
std::string render_flag(const std::string& name, const FlagValue& value);

/// Does the build's package use this GPU back end ("cuda", "rocm", "vulkan")?
bool uses(const Build& build, std::string_view backend);

/// All -D options that the package named `package` ("llama-cpp-cuda"…) of this build must have, by name.
/// For a variant whose targets are null ("not planned for this host") the targets are left out.
Flags expected_flags(const Build& build, const std::string& package);

}  // namespace lf::plan
