// SPDX-License-Identifier: MIT
// In place of gpu_ask*.cc: a static program has the C library in it, and drivers' libraries would bring the machine's
// own, of another version, into the same process. glibc's dlopen says no word of that and crashes.
#include "probe/gpu_ask.h"

namespace lf::probe {

std::optional<std::string> ask_nvml(const FileSource&, const AskOptions&) {
    return "failed a static program cannot load it; the memory of NVIDIA cards is not known this way\n";
}

std::optional<std::string> ask_vulkan(const FileSource&, const AskOptions&) {
    return "failed a static program cannot load it; which Vulkan driver serves a card is not known this way\n";
}

}  // namespace lf::probe
