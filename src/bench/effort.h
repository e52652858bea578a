// SPDX-License-Identifier: MIT
/// \file
/// \brief How long one process may be: what a first, short run tells about a candidate, and what follows from it.
#pragma once

#include <optional>
#include <span>

#include "bench/measurer.h"
#include "bench/result.h"

namespace lf::bench {

/// The test of that kind that a run of this size makes.
Test test_in(const Effort& effort, TestKind kind);

/// A first run: enough to tell 1 token a second from 30.
Effort trial_of(const Effort& wanted);

/// What a candidate costs: loading and starting, and seconds a token. llama-bench reads every prompt once to warm up.
struct Cost {
    double start_seconds = 0;
    double prompt_token = 0;
    double generated_token = 0;
};
Cost cost_of(const Effort& effort, const Measurement& measurement);
double seconds_of(const Effort& effort, const Cost& cost);

/// Noise on a shared machine changes within a second or two, and a pair of runs is freed from what both met: many short
/// processes tell more than few long ones. `wanted` is halved (by up to 16, the tests alike) while fewer than
/// kRoundsAimed rounds fit and each test of the fastest candidate lasts at least kShortestTest seconds; and, however
/// short, while fewer than `least_rounds` fit. Where the first run already shows every candidate far from the first one
/// (kFarApart times), a few rounds decide, and kRoundsOfFarApart are enough: the tests then stay those that people
/// know. Repetitions are added where starting takes most of a process. `costs`: the baseline's first.
inline constexpr int kRoundsAimed = 100;
inline constexpr int kRoundsOfFarApart = 12;
inline constexpr double kFarApart = 1.5;
inline constexpr double kShortestTest = 0.08;
Effort fitting(const Effort& wanted, std::span<const Cost> costs, int least_rounds, double seconds);

/// The speed that a run stands for: the typical one of its repetitions. Not asked for: none.
std::optional<double> speed_of(const Measurement& measurement, TestKind test);

}  // namespace lf::bench
