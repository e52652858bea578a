// SPDX-License-Identifier: MIT
/// \file
/// \brief The fastest way to run llama.cpp here: successive halving, and at its end a comparison with the default.
///
/// Method, error rates and how they were measured: doc/statistics.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/arms.h"
#include "bench/compare.h"
#include "bench/measurer.h"

namespace lf::bench {

/// A default this many times as slow needs no whole re-test: often it is what left no time for one.
inline constexpr double kBeyondDoubt = 3;

struct ChooseRequest {
    Machine machine;
    Objective objective;
    Effort wanted{512, 32, 1, 0};  ///< sizes at which the parameters are judged; smaller where the time is short
    double budget_seconds = 180;
    std::uint64_t seed = 1;
    int resamples = 10'000;  ///< of the bootstrap
};

/// Runs an arm, and has the only clock. Errors as those of Measurer.
class ArmMeasurer {
  public:
    virtual ~ArmMeasurer() = default;
    virtual Result<Measurement> measure(const Arm& arm, const RunRequest& request) = 0;
    virtual double now() = 0;
};

/// An arm in a rung. Scores are relative to the leader of the rung: 1 = as fast.
struct RungArm {
    std::size_t arm = 0;  ///< index in ChooseResult::arms
    int samples = 0;      ///< runs so far with these sizes
    std::optional<Estimate> prompt_speed;
    std::optional<Estimate> generation_speed;
    std::optional<Estimate> score;       ///< relative to the leader; with too few runs none
    std::optional<std::string> dropped;  ///< why, one sentence; none = it goes on
};

/// Runs of the arms that were left, all with the same sizes.
struct Rung {
    int number = 0;        ///< from 0, as in RunRequest::rung
    std::string question;  ///< "CPU variant and device", "threads, flash attention, ubatch"
    Effort effort;
    int rounds = 0;  ///< of this rung alone
    std::vector<RungArm> arms;
};

struct ArmRun {
    std::size_t arm = 0;
    RunRequest request;
    Measurement measurement;
};

struct ChooseResult {
    std::vector<Arm> arms;     ///< those that were tried; 0 is the default
    std::vector<ArmRun> runs;  ///< in the order in which they ran
    std::vector<Rung> rungs;
    /// The last comparison, in turn. Its candidates are `retested`, the default first.
    std::vector<std::size_t> retested;
    CompareResult retest;
    std::size_t chosen = 0;  ///< 0: the default is kept
    /// The chosen arm against the default, from the re-test alone; none where the default is kept without one.
    std::optional<Estimate> prompt_ratio;
    std::optional<Estimate> generation_ratio;
    std::optional<Estimate> score_ratio;
    Verdict verdict = Verdict::cannot_tell;  ///< on the score_ratio
    /// The same by all runs that were made in turn with the default, of the rungs too: more runs, but those of the
    /// rungs favour whoever won them. The choice rests on both, the verdict on the re-test alone.
    double overall_ratio = 0;
    std::string reason;              ///< one sentence for people
    std::vector<std::string> notes;  ///< what was left out, and why; a sentence each
    std::optional<Error> error;
    double seconds = 0;
};

ChooseResult choose(const ChooseRequest& request, ArmMeasurer& measurer,
                    const std::function<void(const SearchProgress&)>& progress = {});

}  // namespace lf::bench
