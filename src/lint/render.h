// SPDX-License-Identifier: MIT
/// \file
/// \brief The findings as text of at most 80 columns and as JSON (schema "llama-fleet/lint", version kLintVersion).
#pragma once

#include <string>

#include "lint/lint.h"

namespace lf::lint {

inline constexpr int kLintVersion = 1;

/// A block for each finding: place, what, the line with a caret, the fix or what to do. Then how many there are.
std::string to_text(const Report& report);

/// "3 errors, 1 warning; 2 of them can be mended" and its kin.
std::string to_summary(const Report& report);

/// Every finding, with its edits as spans of the file as it is. `fixed` = so many were mended before.
std::string to_json(const Report& report, std::size_t fixed = 0);

}  // namespace lf::lint
