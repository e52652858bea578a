// SPDX-License-Identifier: MIT
/// \file
/// \brief From the words of `llama-fleet bench` to what is measured.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/bench.h"
#include "bench/devices.h"
#include "cli/arguments.h"
#include "cli/terminal.h"
#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::cli {

/// What the options name, found and unpacked.
struct BenchSetup {
    bench::BenchRequest request;
    facts::Machine machine;
    plan::Plan plan;     ///< with what the flake says of the host, if there is one
    std::string widest;  ///< CPU variant that the facts prove, whatever was measured or wanted; "" = none known
    std::string cache;
    bool in_flake = false;  ///< the result goes into the owner's repository
};

/// Facts and plan of this machine, the builds (a flake attribute is built), the model (written if it is a synthetic
/// one), where the result goes. Errors: usage, and those of what is called.
Result<BenchSetup> bench_setup(const Arguments& arguments, ProcessRunner& processes, Terminal& terminal);

/// --candidate and --all-variants, else the smallest useful question.
Result<std::vector<bench::Candidate>> bench_candidates(const Arguments& arguments, const BenchSetup& setup);

/// --goal and --memory-ceiling. Errors: "bench-goal" (usage).
Result<bench::Objective> bench_objective(const Arguments& arguments);

/// The devices of the first build that are no software; what is left out is told.
Result<std::vector<std::string>> bench_devices(const BenchSetup& setup, ProcessRunner& processes, Terminal& terminal);

}  // namespace lf::cli
