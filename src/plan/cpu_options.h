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
    std::string_view builds_on;      ///< options of earlier rows that must be on, blank-separated
    std::string_view because;        ///< why it is worth switching on
    std::string_view loser;          ///< what is said of "off" where it is on; "" = nothing
    std::string_view not_with = {};  ///< an option of an earlier row that must be off
    std::string_view opt_in = {};    ///< why it is off even where it is proven, until the owner wants it; "" = it is on
};

struct CpuArchitecture {
    std::string_view names;  ///< as `uname -m`, blank-separated
    std::string_view title;  ///< for doc/rules.md
    std::string_view source;
    std::span<const CpuOption> options;
};

std::span<const CpuArchitecture> cpu_architectures();

/// nullptr = none of the table: an architecture whose options are not booleans (arm_arch.h, rules_other_cpu.h), or an
/// unknown one.
const CpuArchitecture* find_architecture(std::string_view uname_machine);

}  // namespace lf::plan
