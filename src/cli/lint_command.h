// SPDX-License-Identifier: MIT
/// \file
/// \brief `check --lint`: judges any flake's llama.cpp overlays by their text.
#pragma once

#include "base/result.h"

namespace lf::cli {

class Arguments;
class Terminal;

/// Is this call of check one for the lint?
bool wants_lint(const Arguments& arguments);

/// The exit code: 0 nothing found (or all mended), 1 something found, 3 it could not be asked in full.
Result<int> lint_verb(const Arguments& arguments, Terminal& terminal);

}  // namespace lf::cli
