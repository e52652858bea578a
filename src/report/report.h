// SPDX-License-Identifier: MIT
/// \file
/// \brief Everything that is known of a fleet, as it is shown: values only.
///
/// Nothing is computed here or by what shows it: ratios, intervals and verdicts are those of the bench results, reasons
/// those of the plans, verdicts on derivations those of check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "base/error.h"
#include "bench/result.h"
#include "check/check.h"
#include "check/commands.h"
#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::report {

/// Something that an audit of the built files found: an instruction that the host cannot run, for instance.
struct AuditFinding {
    std::string file;           ///< "libggml-cpu.so"; or the card that no code is for
    std::uint64_t address = 0;  ///< in that file's code; 0 = it has none
    std::string text;           ///< one sentence
};

/// What an audit of a host's built files said.
struct Audit {
    audit::Outcome outcome = audit::Outcome::cannot_tell;
    std::string basis;  ///< what was looked at: "/nix/store/…-llama-cpp"
    std::string why;    ///< one sentence; "" where it runs
    std::vector<AuditFinding> findings;
    std::vector<std::string> unused;  ///< what the host has and the build does not use
    bool several = false;             ///< of several builds: why, findings and unused name theirs in front
};

/// One host: what its files hold. nullopt = there is no such file, or `problems` tells why it could not be read.
struct Host {
    std::string name;
    std::optional<facts::Machine> facts;
    std::optional<plan::Plan> plan;
    std::optional<check::HostReport> check;
    std::vector<check::HostCommand> check_commands;
    std::optional<bench::BenchResult> bench;  ///< the finished one if there is one, else what one broken off left
    bool broken_off = false;                  ///< a measurement was: there is a file <host>.json.unfinished
    std::optional<Audit> audit;
    std::vector<Error> problems;
};

struct FleetReport {
    std::vector<Host> hosts;      ///< by name
    bool checked = false;         ///< what check printed was given
    std::string not_checked;      ///< why check itself could not ask Nix; "" = it could
    bool stand_ins = false;       ///< check evaluated with stand-in inputs
    std::vector<Error> problems;  ///< that concern no single host
};

}  // namespace lf::report
