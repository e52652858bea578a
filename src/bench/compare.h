// SPDX-License-Identifier: MIT
/// \file
/// \brief Runs candidates in turn until every comparison with the first is decided, precise enough, or out of time.
///
/// Method, error rates and how they were measured: doc/statistics.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/effort.h"
#include "bench/measurer.h"
#include "bench/result.h"
#include "bench/stats.h"

namespace lf::bench {

/// Fewer rounds than this are never chosen to save time: an interval from two samples says next to nothing.
inline constexpr int kLeastRounds = 3;

struct CompareRequest {
    std::size_t candidates = 2;    ///< the first is the baseline
    Effort wanted{128, 32, 0, 0};  ///< sizes of the tests; repetitions 0 = chosen by a trial run
    bool shorten = true;           ///< smaller sizes where kLeastRounds rounds would not fit (all alike)
    bool trial = true;             ///< false: no trial runs, `wanted` is taken as it is (its repetitions too)
    double budget_seconds = 180;   ///< all runs together, with the trial
    bool hard_budget = false;      ///< true: not even the first kLeastRounds rounds may go beyond it
    double precision = 0.01;       ///< half of an interval of ratio, as a part of it: narrower, more rounds are no use
    double alpha = kAlpha;         ///< of false verdicts, for each candidate: pp and tg, and all looks together
    int most_rounds = 1000;        ///< at least kLeastRounds
    Phase phase = Phase::measure;  ///< what the Measurer is told the rounds are for
    int resamples = 10'000;        ///< of the bootstrap
    std::uint64_t seed = 1;
};

/// One run that gave speeds.
struct RunRecord {
    std::size_t candidate = 0;
    RunRequest request;
    Measurement measurement;
};

/// One candidate against the first, in one test.
struct PairResult {
    std::size_t candidate = 0;  ///< never 0
    TestKind test = TestKind::prompt;
    int pairs = 0;                  ///< rounds in which both were measured
    std::optional<Estimate> ratio;  ///< with fewer than 2 pairs: none
    Verdict verdict = Verdict::cannot_tell;
    std::vector<int> outliers;  ///< pairs (from 0) whose ratio is far from the others; they take part all the same
};

enum class Stop { decided, precise, budget, rounds, interrupted, nothing_runs };
std::string_view name_of(Stop stop);  ///< "every comparison is decided", … for people

struct CompareResult {
    Effort effort;                                 ///< what every round's run was asked for
    bool shortened = false;                        ///< the sizes are smaller than wanted
    std::vector<RunRecord> runs;                   ///< all, in the order in which they ran, with trial runs
    std::vector<std::optional<std::string>> dead;  ///< a candidate each: why it cannot run
    std::vector<PairResult> pairs;
    int rounds = 0;  ///< whole rounds of Phase::measure
    Stop stop = Stop::budget;
    std::optional<Error> error;  ///< what ended the search early; the rest is what was there
    double seconds = 0;
};

CompareResult compare(const CompareRequest& request, Measurer& measurer,
                      const std::function<void(const SearchProgress&)>& progress = {});

}  // namespace lf::bench
