// SPDX-License-Identifier: MIT
/// \file
/// \brief Candidates against each other on this machine, in turn, with llama-bench: the comparison, and the choice.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/installed.h"
#include "bench/measurer.h"
#include "bench/result.h"

namespace lf::bench {

/// What both measurements need.
struct BenchRequest {
    std::string host;
    std::vector<InstalledBuild> builds;  ///< at least one, each name once
    std::string model;                   ///< path of a GGUF file
    std::string model_description;       ///< for people; "" = what the file says of itself
    int prompt_tokens = 128;             ///< 0 = not measured
    int generated_tokens = 32;           ///< 0 = not measured
    std::vector<int> depths = {0};       ///< tokens of context before the tests; each is measured for itself
    double budget_seconds = 180;         ///< for all runs together
    int most_rounds = 1000;
    std::uint64_t seed = 1;
    std::string result_file;         ///< written after every run; "" = nowhere
    bool resume = false;             ///< go on with the measurement that was broken off, if it is the same one
    std::string scratch;             ///< a lasting folder for the files that pin a variant: shown commands name it
    std::string machine_root = "/";  ///< where /proc and /sys are read (tests give another)
    std::function<double()> clock;   ///< seconds from any fixed moment; empty = the monotonic clock
};

struct Progress {
    std::string candidate;
    std::string phase;  ///< "trial", "measure", "rung 1", "re-test"
    int runs_done = 0;
    double seconds_spent = 0;
    double seconds_left = 0;  ///< an estimate
};
using ProgressCall = std::function<void(const Progress&)>;

/// Runs the candidates (the first is the baseline) in turn until all comparisons are decided, precise enough or out of
/// time. A candidate that cannot run is a finding. After SIGINT what was measured is returned, `complete` false, with a
/// warning "interrupted".
/// Errors: "bench-candidate", "bench-request", "bench-model" (no readable GGUF file), "bench-memory" (the model is
/// larger than the memory that is free), "bench-resume", "bench-nothing-runs" (no candidate could be measured), and
/// those of files; `result_file` then keeps what was measured.
Result<BenchResult> run_comparison(const BenchRequest& request, const std::vector<Candidate>& candidates,
                                   ProcessRunner& processes, const ProgressCall& progress);

/// Searches for the fastest of CPU variant × device × threads × ubatch × flash attention and measures it against the
/// default again. `devices`: those to try beside the CPU. Errors as above.
Result<BenchResult> run_choice(const BenchRequest& request, const Objective& objective,
                               const std::vector<std::string>& devices, ProcessRunner& processes,
                               const ProgressCall& progress);

}  // namespace lf::bench
