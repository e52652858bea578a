// SPDX-License-Identifier: MIT
/// \file
/// \brief CPUs where ggml takes the name of a processor instead of a switch a feature: POWER and 32-bit ARM.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/machine.h"
#include "plan/plan.h"
#include "plan/rule.h"
#include "plan/rules_cpu.h"

namespace lf::plan {

/// A value of an option, and what a compiler may emit for it.
struct CpuName {
    std::string_view value;
    std::string_view features;  ///< blank-separated; all of them must be in cpu.features
    std::string_view because;
};

struct CpuNameOption {
    std::string_view architectures;  ///< as `uname -m`, blank-separated
    std::string_view title;          ///< for doc/rules.md
    std::string_view name;           ///< "GGML_CPU_POWERPC_CPUTYPE"
    std::string_view rule;
    std::string_view unset;  ///< why nothing is written where no value is proven
    std::string_view source;
    std::span<const CpuName> values;  ///< the best first
};

std::span<const CpuNameOption> cpu_name_options();

/// nullptr: the architecture has no such option, or none that may be written.
const CpuNameOption* find_cpu_name_option(std::string_view uname_machine);

/// What an option that names a processor, on ARM of 64 bits too, makes a compiler emit on such a machine, in names of
/// /proc/cpuinfo. nullopt: no such option there, or a value that no table knows.
std::optional<std::vector<std::string_view>> named_needs(std::string_view uname_machine, std::string_view option,
                                                         std::string_view value);

/// Writes the first value whose features every CPU has; none = the option is left out.
/// Error "plan-override" if the owner wants a value that is not proven.
Done add_cpu_name(const facts::Cpu& cpu, const CpuWishes& wishes, const CpuNameOption& option, CpuPlan& plan);

std::vector<RuleChapter> other_cpu_rules();

}  // namespace lf::plan
