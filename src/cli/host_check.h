// SPDX-License-Identifier: MIT
/// \file
/// \brief `check --host`: what on this machine keeps the planned variant from working.
#pragma once

#include "base/result.h"

namespace lf::cli {

class Arguments;
class Terminal;

/// --host without a name, or with one and without FLAKE.
bool wants_host_check(const Arguments& arguments);

/// The exit code: 0 nothing is in the way, 1 something is.
Result<int> host_check_verb(const Arguments& arguments, Terminal& terminal);

}  // namespace lf::cli
