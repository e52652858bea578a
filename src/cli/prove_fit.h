// SPDX-License-Identifier: MIT
/// \file
/// \brief fit --prove: the hosts, evaluated as they are and as the edit would leave them.
#pragma once

#include <map>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "check/prove.h"
#include "cli/arguments.h"
#include "cli/terminal.h"
#include "flake/fit.h"
#include "flake/repository.h"
#include "plan/plan.h"

namespace lf::cli {

/// Both states are copies in a temporary folder, of what git knows (a flake sees nothing else) and, in the second, of
/// what the changes make of it. One line for each host. Errors: those of check::host_states and of copying.
Result<std::vector<check::HostProof>> prove_fit(const flake::Repository& repository, const flake::FitResult& fit,
                                                const std::map<std::string, plan::Plan>& plans,
                                                const Arguments& arguments, ProcessRunner& processes,
                                                Terminal& terminal);

}  // namespace lf::cli
