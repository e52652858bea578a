// SPDX-License-Identifier: MIT
/// \file
/// \brief What must be asked of a machine because no file tells it, and the text form of each answer.
#pragma once

#include <cstdint>
#include <string_view>

namespace lf::probe {

enum class Question : std::uint8_t {
    hwcap,      ///< "AT_HWCAP 00000000ffffffff" and "AT_HWCAP2 …" (hexadecimal), a line each: getauxval(3)
    xcomp,      ///< "supported 0000000000060000" and "permitted …": arch_prctl ARCH_GET_XCOMP_SUPP, _PERM (AMX)
    store,      ///< "free 123456789" bytes free where builds land, statvfs of /nix/store, else of /nix, else of /
    nvml,       ///< what NVIDIA's management library says, by the child process (gpu_ask.h has the form)
    vulkan,     ///< what the Vulkan loader lists, by the child process (gpu_ask.h)
    overrides,  ///< where HSA_OVERRIDE_GFX_VERSION is set (gpu_overrides.h)
    unfree,     ///< "environment 1": NIXPKGS_ALLOW_UNFREE; "configuration true", "false" or "unclear": allowUnfree as
                ///< written in ~/.config/nixpkgs/config.nix. A line for each that is there
};

/// Its name, which is also the name of the file in a capture: "hwcap".
constexpr std::string_view name_of(Question question) {
    constexpr std::string_view kNames[] = {"hwcap", "xcomp", "store", "nvml", "vulkan", "overrides", "unfree"};
    return kNames[static_cast<std::uint8_t>(question)];
}

inline constexpr Question kQuestions[] = {Question::hwcap,  Question::xcomp,     Question::store, Question::nvml,
                                          Question::vulkan, Question::overrides, Question::unfree};

}  // namespace lf::probe
