// SPDX-License-Identifier: MIT
/// \file
/// \brief One CPU variant, and no backend but the wanted ones, without touching the installation.
///
/// ggml takes the variant with the best score of all that it finds in the folder compiled into it, beside the program
/// and in the working folder. backend_shim.c, preloaded into llama-bench, makes it load the files of a list instead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bench/installed.h"

namespace lf::bench {

struct LlamaBenchRun;

/// Files of ours that a pinned run needs.
struct Scratch {
    std::string folder;      ///< absolute; has kShimName
    std::string cpu_folder;  ///< links to the CPU variants of one build alone, for a dispatch among them; "" = none
};
inline constexpr std::string_view kShimName = "backend-shim.so";
/// The variable that the shim reads: files and folders (these end in '/') between colons.
inline constexpr const char* kBackendsVariable = "LLAMA_FLEET_BACKENDS";

/// Writes the shim and the links into `folder` (made if missing), or finds them there: a lasting folder, as one in the
/// cache, keeps shown commands working. Errors: those of files, and "bench-scratch" for a build whose backends lie in a
/// folder with a colon in its name.
Result<Scratch> prepare_scratch(const InstalledBuild& build, const std::string& folder);

/// What ggml shall load for this run, as kBackendsVariable wants it; nullopt = what it loads by itself. Errors:
/// "bench-option" if the build does not have it.
Result<std::optional<std::string>> backends_to_load(const InstalledBuild& build, const LlamaBenchRun& run,
                                                    const Scratch& scratch);

/// The backend that gives a device: "Vulkan0" → "vulkan", "ROCm1" → "hip".
std::string backend_of_device(std::string_view device);

}  // namespace lf::bench
