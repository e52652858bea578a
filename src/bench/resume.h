// SPDX-License-Identifier: MIT
/// \file
/// \brief A measurement that was broken off: is it the one that is asked for again?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bench/bench.h"
#include "bench/result.h"

namespace lf::bench {

/// Where a measurement is written while it runs: beside request.result_file, which is replaced only by a whole one.
/// "" = nowhere.
std::string unfinished_file(const BenchRequest& request);

/// The unfinished measurement that the request goes on with (request.resume). Without resume, one that lies there is
/// moved aside first, so that nothing measured is lost. `candidates`: those of a comparison; empty for a choice, which
/// finds its own. Errors: "bench-resume" (usage): the file is of another measurement, or there is none to go on with;
/// those of reading.
Result<std::optional<BenchResult>> unfinished(const BenchRequest& request, const std::string& question,
                                              const std::vector<Candidate>& candidates);

/// Moves what an earlier measurement left unfinished to FILE.unfinished.before, so that nothing measured is lost.
Done set_aside(const BenchRequest& request);

/// Tests and depths of a request, in words that stand in its result.
std::string question_of(const BenchRequest& request);

}  // namespace lf::bench
