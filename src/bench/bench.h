// SPDX-License-Identifier: MIT
/// \file
/// \brief Candidates against each other on this machine, in turn, with llama-bench.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/packages.h"
#include "bench/result.h"

namespace lf::bench {

/// Fewer repeats than this are never chosen to save time: an interval from two samples says next to nothing.
inline constexpr int kLeastRepeats = 3;

struct BenchRequest {
    std::string host;
    Packages packages;
    std::string model;                  ///< path of a GGUF file
    std::string model_description;      ///< for people; "" = what the file says of itself
    std::vector<Candidate> candidates;  ///< at least one; the first is the baseline
    int repeats = 5;                    ///< at least 1
    int threads = 0;                    ///< 0 = one a physical core that this process may use
    int prompt_tokens = 128;
    int generated_tokens = 32;
    std::chrono::seconds budget{100};   ///< for all runs together
    std::chrono::seconds run_limit{0};  ///< of one run; 0 = the budget, at least a minute
    std::string result_file;            ///< written after every run; "" = nowhere
    std::string scratch;                ///< an existing folder for the run folders; "" = the packages'
    std::string machine_root = "/";     ///< where /proc and /sys are read (tests give another)
};

/// The two candidates of the smallest useful question: what the official flake builds, and what the plan names.
/// `plan_variant` may equal x64; then the comparison is an A/A one, and says so.
std::vector<Candidate> default_candidates(const std::string& plan_variant);

struct Progress {
    int run = 0;  ///< from 1
    int runs = 0;
    std::string candidate;
    int repeat = 0;      ///< from 1
    double seconds = 0;  ///< spent so far
};

/// Runs the candidates in turn, after a short trial run of the baseline: where kLeastRepeats would not fit into the
/// budget, runs are shorter than asked for, with a warning "short-runs". A candidate killed by SIGILL is a finding (a
/// warning "sigill", no samples), not an error. When the budget is used up, repeats beyond kLeastRepeats are left out
/// with a warning "budget". After SIGINT what was measured is returned, `complete` false, with a warning "interrupted".
/// Errors: "bench-crash", "bench-output" (rubbish), "bench-variant" (another variant was loaded), "bench-timeout",
/// "bench-model" (no readable GGUF file), and those of files and processes; `result_file` then keeps what was measured.
Result<BenchResult> run_bench(const BenchRequest& request, ProcessRunner& processes,
                              const std::function<void(const Progress&)>& progress);

}  // namespace lf::bench
