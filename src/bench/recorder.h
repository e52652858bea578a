// SPDX-License-Identifier: MIT
/// \file
/// \brief Runs candidates with llama-bench and writes every run down before the next one begins.
///
/// A measurement that was broken off is taken up by asking the same questions again: as long as they are those of the
/// record, it answers from there, clock included; from the first other question on llama-bench runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/process.h"
#include "base/result.h"
#include "bench/bench.h"
#include "bench/compare.h"
#include "bench/conditions.h"
#include "bench/measurer.h"
#include "bench/pinning.h"
#include "bench/result.h"

namespace lf::bench {

/// One question.
struct Ask {
    Candidate candidate;
    std::string phase;
    int round = 0;
    bool counts = false;
    Effort effort;
    double limit_seconds = 0;
};

class Recorder {
  public:
    /// `request` and `processes` must outlive it. `earlier` is a measurement that was broken off.
    Recorder(const BenchRequest& request, ProcessRunner& processes, std::optional<BenchResult> earlier = std::nullopt);

    /// Folders, model, conditions, the first saving. Errors as of run_comparison.
    Done begin();
    /// Errors: "interrupted", and those of writing the result.
    Result<Measurement> run(const Ask& ask);
    /// Seconds since the first run began; those in which nothing ran between two sittings left out.
    double now() const;
    /// Without summaries: they take longer than a run may be held up, and finish() makes them.
    Done save();
    /// What is known only at the end: conditions, warnings, overhead, summaries. A whole result goes to its place,
    /// another stays beside it.
    Done finish(bool complete);

    BenchResult result;

    /// The CPU variant that ggml took by itself in that build; "" = not seen.
    std::string dispatched(const std::string& build) const;
    /// What a person types to repeat the runs of a candidate.
    std::string command_for(const Candidate& candidate, const Effort& effort) const;

  private:
    const InstalledBuild& build_of(const Candidate& candidate) const;
    bool replay(const Ask& ask, Measurement& measurement);
    Result<Run> run_now(const Ask& ask);
    void take_over_words();
    Done keep_the_rest();
    void learn(const Candidate& candidate, const Run& run);
    double clock() const;

    const BenchRequest& request_;
    ProcessRunner& processes_;
    RootedFiles machine_;
    BenchResult record_;
    std::size_t replayed_ = 0;  ///< runs of the record that were answered from
    double started_ = 0;        ///< of the clock, when the first run of this sitting began
    double earlier_ = 0;        ///< seconds of the record
    bool live_ = false;         ///< llama-bench runs; the record is used up
    std::string model_;
    std::map<std::string, Scratch> scratch_;  ///< build → its files
    Counters before_;
    double children_before_ = 0;
    double wall_before_ = 0;
};

/// The pairs of a comparison whose candidates are these, as far as there are enough of them.
void add_comparisons(const CompareResult& compared, const std::vector<Candidate>& candidates, BenchResult& result);

/// The name of a test as Run::test has it: "pp128 tg32 @ d4096", "pp128 x3".
std::string test_of(const Effort& effort);

}  // namespace lf::bench
