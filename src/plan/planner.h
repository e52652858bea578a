// SPDX-License-Identifier: MIT
/// \file
/// \brief facts + what was measured + the owner's overrides → plan. Pure: no files, clock or environment; the same in,
/// the same out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "facts/choice.h"
#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::plan {

/// What the owner wants whatever the rules say. Unset = the rules decide.
struct Override {
    std::optional<std::string> variant;        ///< "cpu", "cuda", "vulkan", "rocm", "multi", "universal"
    std::optional<std::string> strategy;       ///< "tailored", "universal", "builder-native"
    std::optional<std::string> source;         ///< "flake", "nixpkgs"
    std::optional<std::string> cuda_packages;  ///< "cudaPackages": a set of nixpkgs, or "default"
    std::optional<bool> native;                ///< GGML_NATIVE; true means builder-native
    std::optional<bool> blas;
    std::optional<bool> openmp;
    Flags flags;  ///< any other -D option, by name
};

/// llama-fleet/overrides.json: for all hosts ("*"), then for one; the host's own word wins.
struct Overrides {
    std::map<std::string, Override> hosts;
};

/// Reads the overrides file, schema "llama-fleet/overrides" version 1. Unknown names are errors with did-you-mean.
Result<Overrides> overrides_from_json(std::string_view text, const std::string& file);

/// Errors only for overrides that cannot be carried out ("plan-override": cuda on a host of a system without CUDA …).
/// Facts never make it fail: what is unknown counts as not proven, and the portable choice is made. `choice` is what
/// bench
/// --choose found on this host, if it was asked; a choice that does not speak of this machine changes nothing but a
/// note.
Result<Plan> make_plan(const facts::Machine& machine, const Overrides& overrides,
                       const std::optional<facts::Choice>& choice = std::nullopt);

}  // namespace lf::plan
