// SPDX-License-Identifier: MIT
/// \file
/// \brief Which hosts of a flake are asked about, and what is known of each, for check and audit.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "cli/arguments.h"

namespace lf::cli {

/// What check is asked about one host. A plan or facts that cannot be read are that host's affair: the others are
/// judged all the same.
check::HostRequest host_request(const std::string& root, const std::string& host);

/// The hosts that --host names, or all of the flake; every one must be a host of it. Errors: "unknown-host",
/// "check-no-hosts" (usage).
Result<std::vector<std::string>> hosts_of_flake(const std::string& root, const Arguments& arguments);

}  // namespace lf::cli
