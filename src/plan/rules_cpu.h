// SPDX-License-Identifier: MIT
/// \file
/// \brief Rules about the CPU: one explicit option of ggml for every feature, on or off.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/machine.h"
#include "plan/plan.h"
#include "plan/rule.h"

namespace lf::plan {

struct CpuPlan {
    Flags flags;                         ///< GGML_NATIVE and all options of the architecture
    std::optional<std::string> variant;  ///< ggml's nearest CPU variant; nullopt where ggml has none
    std::vector<Because> because;        ///< "cpu.variant", "GGML_NATIVE", then the options in the tables' order
    std::vector<std::string> notes;
};

/// What the owner wants of the CPU's options.
struct CpuWishes {
    Flags flags;                                 ///< CPU options only (is_cpu_option)
    std::map<std::string, std::string> said_at;  ///< option → "hosts.carbon.flags"
    bool native = false;                         ///< GGML_NATIVE on: builder-native
    std::optional<std::string> native_said_at;   ///< set if the owner said so, on or off
    bool cuda = false;                           ///< the compiler is the one that CUDA takes: older than nixpkgs' own
};

/// An option that these rules write on some architecture.
bool is_cpu_option(const std::string& name);

/// Does any rule here write options for this architecture (as `uname -m`)?
bool has_cpu_rules(std::string_view architecture);

/// A line of a rule when the owner said otherwise: the rule becomes a loser.
Because by_owner(Because rule, std::string value, const std::string& said_at);

/// Error "plan-override" if a wish switches on what a CPU of the host lacks or what another option that is off carries.
/// Facts never make it fail.
Result<CpuPlan> plan_cpu(const facts::Cpu& cpu, const CpuWishes& wishes);

std::vector<RuleChapter> cpu_rules();

}  // namespace lf::plan
