// SPDX-License-Identifier: MIT
/// \file
/// \brief Debian's real llama-bench, unpacked beside the machine's own packages by tools/sid-packages.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace lf::bench {

/// A folder that tools/sid-packages filled.
struct Packages {
    std::string directory;
    std::map<std::string, std::string> versions;  ///< Debian package → version
    std::string note;  ///< what the script said although it was done: an old unpacking is used
};

/// The package that has llama-bench.
inline constexpr std::string_view kLlamaPackage = "llama.cpp-tools";

/// The package of a backend beside the CPU's: "vulkan", "blas", "rpc", "hip"; "" if Debian sid has none. Nothing of
/// them is unpacked unless asked for: only a machine with a card needs one. To download and unpacked, in November 2026:
/// kLlamaPackage 19 and 79 MB; with it vulkan 5 and 43 MB, blas and rpc 1 MB, hip 460 MB and 5.6 GB.
std::string_view package_of_backend(std::string_view backend);

/// Unpacks kLlamaPackage, the `extra` packages and all that they need into `directory`; at once done if that was done
/// less than a week ago. Without a network an older unpacking is used as it is. What was unpacked there before stays.
/// Errors: "bench-packages" (kind world): what could not be had and why, in the words of the script's last line.
Result<Packages> prepare_packages(const std::string& directory, ProcessRunner& processes,
                                  const std::vector<std::string>& extra = {},
                                  std::chrono::seconds time_limit = std::chrono::minutes(5));

/// Reads the stamp of such a folder. Errors: "bench-packages".
Result<Packages> read_packages(const std::string& directory);

}  // namespace lf::bench
