// SPDX-License-Identifier: MIT
/// \file
/// \brief A verb is written as a function that returns Result<int>; this turns it into an exit code.
#pragma once

#include "base/result.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"

namespace lf::cli {

inline int finish(const Result<int>& result, Terminal& terminal) {
    if (result) return *result;
    terminal.error(result.error());
    return result.error().id == "interrupted" ? kInterrupted : exit_code_of(result.error().kind);
}

}  // namespace lf::cli
