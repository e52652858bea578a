// SPDX-License-Identifier: MIT
/// \file
/// \brief The options of ggml that switch instruction sets on, and what each needs. Data for rules_cpu.cc.
#pragma once

#include <span>
#include <string_view>

#include "plan/rule.h"

namespace lf::plan {

/// An option of ggml that makes the compiler emit instructions.
struct CpuOption {
    std::string_view name;
    std::string_view rule;      ///< id
    std::string_view features;  ///< all that the compiler may emit for it, as /proc/cpuinfo names them, blank-separated
    std::string_view builds_on;  ///< options of earlier rows that must be on, blank-separated
    std::string_view because;    ///< why it is worth switching on
    std::string_view loser;      ///< what is said of "off" where it is on; "" = nothing
};

struct CpuArchitecture {
    std::string_view names;  ///< as `uname -m`, blank-separated
    std::string_view title;  ///< for doc/rules.md
    std::string_view source;
    std::span<const CpuOption> options;
};

std::span<const CpuArchitecture> cpu_architectures();

/// nullptr = none of the table: an architecture whose options are not booleans (aarch64), or an unknown one.
const CpuArchitecture* find_architecture(std::string_view uname_machine);

/// An extension of -march on ARM ("dotprod") and the features that prove it.
struct ArmExtension {
    std::string_view name;
    std::string_view features;
    std::string_view builds_on;
    std::string_view because;
};

/// What "armv8.2-a" itself may make the compiler emit.
inline constexpr std::string_view kArmBase = "armv8.2-a";
inline constexpr std::string_view kArmBaseFeatures = "fp asimd crc32 atomics asimdrdm";
std::span<const ArmExtension> arm_extensions();

}  // namespace lf::plan
