// SPDX-License-Identifier: MIT
/// \file
/// \brief What `audit` looks into, and for which machines.
#pragma once

#include "audit/audit.h"
#include "base/result.h"
#include "check/commands.h"
#include "cli/arguments.h"
#include "cli/fleet_facts.h"
#include "cli/terminal.h"

namespace lf::cli {

/// The machines that --facts, --root and --host name; without any of them this one, probed now. Errors: "unknown-host",
/// "audit-facts" (usage), those of reading facts.
Result<FleetFacts> audited_machines(const Arguments& arguments);

/// Every path on every machine. A path that cannot be read is a problem of the report, if there are others.
Result<audit::Report> audit_paths(const Arguments& arguments, Terminal& terminal);

/// What the hosts of a flake really get.
struct FlakeAudit {
    audit::Report report;
    std::string root;                            ///< the folder to type the commands in
    std::vector<check::HostCommands> not_built;  ///< the commands that build what the store does not have
};
Result<FlakeAudit> audit_flake(const Arguments& arguments, Terminal& terminal);

}  // namespace lf::cli
