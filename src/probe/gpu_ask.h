// SPDX-License-Identifier: MIT
/// \file
/// \brief Asking NVIDIA's library (NVML) and the Vulkan loader, in a child process.
///
/// Both are looked for at run time and never linked. They run code of drivers, which may crash, hang, write rubbish or
/// never stop: all that happens in a forked child with a time limit, whose whole process group is killed after it.
///
/// The answers are lines of text, the same that a capture holds as answers/nvml and answers/vulkan:
///
///     nvml 1
///     driver 580.82.07
///     cuda 13000                        1000 × major + 10 × minor: the newest CUDA that the driver serves
///     card 0000:01:00.0 10de:2335       "card - 0000:0000" where NVML does not say
///     name NVIDIA H200                  of the card above, as the lines that follow
///     capability 9.0
///     memory 150754820096               bytes
///     mig 1                             only if it is cut into instances
///     vgpu 1                            only if it is a slice given by a hypervisor
///     end
///
///     vulkan 1
///     device 1002:744c type 2 driver 3 at 0000:03:00.0     VkPhysicalDeviceType, VkDriverId; "at -" if not told
///     end
///
/// Instead of all that, "failed <why>" in one line.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace lf::probe {

struct AskOptions {
    std::vector<std::string> folders = {};                           ///< looked in before all others
    std::chrono::milliseconds time_limit = std::chrono::seconds(5);  ///< for one library
};

/// The files that can be the library `soname`, the likeliest first: the folders of the options and of LD_LIBRARY_PATH,
/// NixOS's /run/opengl-driver/lib, the distributions' folders, what /etc/ld.so.cache names. Empty = it is not there.
std::vector<std::string> find_library(const FileSource& files, const std::string& soname, const AskOptions& options);

/// nullopt if the library is not there (then no process was started), else the text above.
std::optional<std::string> ask_nvml(const FileSource& files, const AskOptions& options);
std::optional<std::string> ask_vulkan(const FileSource& files, const AskOptions& options);

/// What `body` returns in a forked child, or "failed <why>\n". Must be called before this process has threads. For
/// tests and the functions above.
std::string in_child(const std::function<std::string()>& body, std::chrono::milliseconds limit);

/// What the child runs: dlopen, ask, write. Never call these in the program itself.
std::string nvml_text(const std::vector<std::string>& candidates);
std::string vulkan_text(const std::vector<std::string>& candidates);

}  // namespace lf::probe
