// SPDX-License-Identifier: MIT
/// \file
/// \brief The ways of the verb fit that are more than an option of the plain one.
#pragma once

#include "base/process.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace lf::cli {

/// fit --undo.
Result<int> undo_fit(const Arguments& arguments, ProcessRunner& processes, Terminal& terminal);

}  // namespace lf::cli
