// SPDX-License-Identifier: MIT
/// \file
/// \brief What fit shows: every host, what was chosen and why, the changes, what is left to the owner.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "check/prove.h"
#include "cli/fleet_facts.h"
#include "cli/terminal.h"
#include "flake/fit.h"
#include "flake/transaction.h"
#include "plan/plan.h"

namespace lf::cli {

struct FitOutput {
    const std::string& root;
    std::vector<std::string> hosts;  ///< in the order of the flake
    const FleetFacts& facts;
    const std::map<std::string, plan::Plan>& plans;
    const flake::FitResult& fit;
    bool written = false;
    bool whole_diff = false;                   ///< also new and deleted files, in full
    bool update = false;                       ///< only what changes is told of each host
    std::vector<check::HostProof> proof = {};  ///< of --prove
    std::vector<std::string> changed = {};     ///< of an update: "carbon: cpu → cuda, +3 flags"
    std::string_view nothing = "nothing to do: the flake is fitted";  ///< where there is no change
};

/// Does the proof, where one was asked for, hold for every host?
bool proof_holds(const FitOutput& output);

/// For people, 80 columns where the owner's own lines allow it.
std::string fit_text(const FitOutput& output, const Terminal& terminal);

/// Schema "llama-fleet/fit", version 1: changes with a unified diff each and, where a file is not written whole, its
/// spans; instructions, notes.
std::string fit_json(const FitOutput& output);

/// What a recovery from a killed run did; "" for nothing.
std::string recovery_text(const flake::RecoverResult& recovered);

/// Which files git has to be told of, and the command.
std::string git_add_text(const std::string& root, const std::vector<std::string>& paths);

}  // namespace lf::cli
