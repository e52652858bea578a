// SPDX-License-Identifier: MIT
/// \file
/// \brief doc/rules.md, made of the very tables that the planner asks.
#pragma once

#include <string>
#include <vector>

#include "plan/rule.h"

namespace lf::plan {

/// All rules, chapter by chapter, in the order in which they are asked.
std::vector<RuleChapter> all_rules();

/// The text of doc/rules.md.
std::string rules_markdown();

}  // namespace lf::plan
