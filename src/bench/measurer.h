// SPDX-License-Identifier: MIT
/// \file
/// \brief The seam between what decides which process of llama-bench runs next, and what runs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lf::bench {

/// What one process of llama-bench is asked to do: -p, -n, -d, -r. 0 tokens = that test is left out.
struct Effort {
    int prompt_tokens = 0;
    int generated_tokens = 0;
    int repetitions = 1;
    int depth = 0;  ///< tokens in the context before the test
    bool operator==(const Effort&) const = default;
};

/// What a run is for. Samples of `trial` and `warm_up` are evidence, but no verdict rests on them.
enum class Phase { trial, warm_up, measure, retest };
std::string_view name_of(Phase phase);  ///< "trial", "warm-up", "measure", "re-test"

/// One process.
struct RunRequest {
    Effort effort;
    Phase phase = Phase::measure;
    int round = 0;             ///< from 0, within the phase (and the rung)
    int rung = 0;              ///< of the choice; 0 in a comparison
    double limit_seconds = 0;  ///< the process is ended after this; see Measurement::dead
};

/// What came out of it.
struct Measurement {
    std::vector<double> prompt_speeds;      ///< tokens/s, one a repetition; empty if not asked for
    std::vector<double> generation_speeds;  ///< the same
    double seconds = 0;                     ///< of the whole process, with loading the model
    std::optional<std::int64_t> memory_mib;
    /// Why this candidate cannot run here: "illegal instruction", "not done after 60 s". It is not asked again.
    std::optional<std::string> dead;
};

/// Runs candidates by their index, and has the only clock. An error (interrupted, result file unwritable) ends the
/// search with what is there.
class Measurer {
  public:
    virtual ~Measurer() = default;
    virtual Result<Measurement> measure(std::size_t candidate, const RunRequest& request) = 0;
    virtual double now() = 0;  ///< seconds from any fixed moment; what is spent is the difference
};

/// Before each run, for people.
struct SearchProgress {
    Phase phase = Phase::trial;
    int rung = 0;
    int round = 0;              ///< from 0
    std::size_t candidate = 0;  ///< index: of the candidates, or of ChooseResult::arms
    std::size_t live = 0;       ///< candidates that still take part
    int runs_done = 0;
    double seconds_spent = 0;
    double seconds_left = 0;  ///< estimate from what each candidate cost so far; never more than the budget leaves
};

}  // namespace lf::bench
