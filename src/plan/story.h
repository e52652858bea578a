// SPDX-License-Identifier: MIT
/// \file
/// \brief `plan --why LINE`: the whole story of a line, down to where each fact was read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::plan {

/// How a CPU feature is known, or why it is not there: "avx2: CPUID leaf 0x7 subleaf 0, EBX bit 5, and the operating
/// system saves XMM and YMM registers (XCR0 & 0x6), on all 16 online CPUs". Safe to print.
std::string feature_story(const facts::Cpu& cpu, std::string_view feature);

/// Every field of the card with the source that gave it, a sentence each. Safe to print.
std::vector<std::string> card_story(const facts::Machine& machine, std::size_t index);

/// explain_line, then who says the rule (source), and how each fact is known (known). Errors: those of explain_line.
Result<std::string> tell_line(const Plan& plan, const facts::Machine& machine, std::string_view name);

}  // namespace lf::plan
