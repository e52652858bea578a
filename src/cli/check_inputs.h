// SPDX-License-Identifier: MIT
/// \file
/// \brief --stand-ins and --override-input → what check is asked for.
#pragma once

#include <string>

#include "base/result.h"
#include "check/check.h"
#include "cli/arguments.h"

namespace lf::cli {

/// A request about the flake in `root` with the inputs that the options name and no hosts yet. Each folder in
/// --stand-ins DIR that is called like an input of the flake takes its place. Errors: "stand-ins-missing" (usage),
/// those of reading flake.nix.
Result<check::CheckRequest> check_request(const std::string& root, const Arguments& arguments);

}  // namespace lf::cli
