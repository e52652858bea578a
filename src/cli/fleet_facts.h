// SPDX-License-Identifier: MIT
/// \file
/// \brief Where the facts of a fleet's hosts come from: files, captures, this machine; and the owner's overrides.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/arguments.h"
#include "facts/choice.h"
#include "facts/machine.h"
#include "plan/planner.h"
#include "probe/live_source.h"

namespace lf::cli {

using FleetFacts = std::map<std::string, facts::Machine>;

/// Folders below an owner's flake. One place for the names.
inline constexpr std::string_view kFactsFolder = "llama-fleet/facts";
inline constexpr std::string_view kPlanFolder = "llama-fleet/plan";
inline constexpr std::string_view kBenchFolder = "llama-fleet/bench";
inline constexpr std::string_view kOverridesFile = "llama-fleet/overrides.json";

/// Error "usage-host": a name that cannot be a part of paths.
Error bad_host_name(const std::string& host);

/// Facts of one host from a file made by probe. The file's own `host` must be `host` unless that is "".
Result<facts::Machine> read_facts(const std::string& file, const std::string& host);

/// All llama-fleet/facts/*.json below `root`; none if the folder is missing.
Result<FleetFacts> read_facts_folder(const std::string& root);

/// Facts as people point at them: one file, a folder of them, or a folder with llama-fleet/facts. Errors: "no-facts"
/// (usage): there are none.
Result<FleetFacts> read_facts_of(const std::string& path);

/// Those of the folder, then what the options --facts, --root and --here say (they win).
Result<FleetFacts> gather_facts(const std::string& root, const Arguments& arguments);

/// Facts of this machine, or of a captured one if `capture` is not empty.
Result<facts::Machine> probe_machine(const std::string& capture, const std::string& host,
                                     const probe::LiveOptions& options = {});

/// The overrides file if there is one, else none.
Result<plan::Overrides> read_overrides(const std::string& file);

/// What bench --choose found on a host: the choice in the file, if there are both.
Result<std::optional<facts::Choice>> read_choice(const std::string& file);

/// Error "override-unknown-host" (usage) if the overrides name a host that is not among `hosts`.
Done check_override_hosts(const plan::Overrides& overrides, const std::vector<std::string>& hosts,
                          const std::string& file);

}  // namespace lf::cli
