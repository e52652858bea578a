// SPDX-License-Identifier: MIT
#include "bench/effort.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/stats.h"

namespace lf::bench {
namespace {

constexpr int kMostHalvings = 4;
constexpr int kMostRepetitions = 10;
/// Shorter tests than these are run only where time forces them: they would be another kind of work.
constexpr int kLeastPrompt = 32;
constexpr int kLeastGenerated = 8;

double round_seconds(const Effort& effort, std::span<const Cost> costs) {
    double sum = 0;
    for (const Cost& cost : costs) sum += seconds_of(effort, cost);
    return sum;
}

Effort halved(Effort effort) {
    if (effort.prompt_tokens > 0) effort.prompt_tokens = std::max(1, effort.prompt_tokens / 2);
    if (effort.generated_tokens > 0) effort.generated_tokens = std::max(1, effort.generated_tokens / 2);
    return effort;
}

/// Seconds of the shortest test of any candidate.
double shortest_test(const Effort& effort, std::span<const Cost> costs) {
    double shortest = HUGE_VAL;
    for (const Cost& cost : costs) {
        if (effort.prompt_tokens > 0) shortest = std::min(shortest, effort.prompt_tokens * cost.prompt_token);
        if (effort.generated_tokens > 0) shortest = std::min(shortest, effort.generated_tokens * cost.generated_token);
    }
    return shortest;
}

bool far_apart(double a, double b) { return a > kFarApart * b || b > kFarApart * a; }

/// One that is near the baseline in any test takes many rounds to be told from it.
int rounds_aimed(const Effort& effort, std::span<const Cost> costs) {
    for (std::size_t i = 1; i < costs.size(); ++i) {
        const bool prompt_apart = far_apart(costs[i].prompt_token, costs[0].prompt_token);
        const bool generation_apart = far_apart(costs[i].generated_token, costs[0].generated_token);
        if ((effort.prompt_tokens > 0 && !prompt_apart) || (effort.generated_tokens > 0 && !generation_apart))
            return kRoundsAimed;
    }
    return costs.size() > 1 ? kRoundsOfFarApart : kRoundsAimed;
}

/// As many as make measuring last half as long as starting.
int repetitions(const Effort& effort, std::span<const Cost> costs) {
    double start = 0;
    double test = 0;
    for (const Cost& cost : costs) {
        start += cost.start_seconds;
        test += effort.prompt_tokens * cost.prompt_token + effort.generated_tokens * cost.generated_token;
    }
    if (test <= 0) return kMostRepetitions;
    return std::clamp(static_cast<int>(start / (2 * test)), 1, kMostRepetitions);
}

}  // namespace

Test test_in(const Effort& effort, TestKind kind) {
    return {kind, kind == TestKind::prompt ? effort.prompt_tokens : effort.generated_tokens, effort.depth};
}

Effort trial_of(const Effort& wanted) {
    return {std::min(wanted.prompt_tokens, 16), std::min(wanted.generated_tokens, 4), 1, wanted.depth};
}

Cost cost_of(const Effort& effort, const Measurement& measurement) {
    Cost cost;
    double measured = 0;
    if (const auto speed = speed_of(measurement, TestKind::prompt)) {
        cost.prompt_token = 1 / *speed;
        measured += (effort.repetitions + 1) * effort.prompt_tokens * cost.prompt_token;
    }
    if (const auto speed = speed_of(measurement, TestKind::generation)) {
        cost.generated_token = 1 / *speed;
        measured += effort.repetitions * effort.generated_tokens * cost.generated_token;
    }
    cost.start_seconds = std::max(0.0, measurement.seconds - measured);
    return cost;
}

double seconds_of(const Effort& effort, const Cost& cost) {
    return cost.start_seconds + (effort.repetitions + 1) * effort.prompt_tokens * cost.prompt_token +
           effort.repetitions * effort.generated_tokens * cost.generated_token;
}

Effort fitting(const Effort& wanted, std::span<const Cost> costs, int least_rounds, double seconds) {
    Effort effort = wanted;
    effort.repetitions = std::max(1, wanted.repetitions);
    const int aimed = rounds_aimed(wanted, costs);
    for (int i = 0; i < kMostHalvings; ++i) {
        const double rounds = seconds / std::max(1e-9, round_seconds(effort, costs));
        const Effort shorter = halved(effort);
        const bool same_work = (shorter.prompt_tokens == 0 || shorter.prompt_tokens >= kLeastPrompt) &&
                               (shorter.generated_tokens == 0 || shorter.generated_tokens >= kLeastGenerated);
        const bool worth_it = same_work && rounds < aimed && shortest_test(shorter, costs) >= kShortestTest;
        if (rounds >= least_rounds && !worth_it) break;
        effort = shorter;
    }
    if (wanted.repetitions == 0) effort.repetitions = repetitions(effort, costs);
    if (round_seconds(effort, costs) * least_rounds > seconds) effort.repetitions = 1;
    return effort;
}

std::optional<double> speed_of(const Measurement& measurement, TestKind test) {
    std::vector<double> logs;
    for (const double x : test == TestKind::prompt ? measurement.prompt_speeds : measurement.generation_speeds) {
        if (!(x > 0) || !std::isfinite(x)) return std::nullopt;
        logs.push_back(std::log(x));
    }
    const auto typical = trimmed_mean(logs);
    if (!typical) return std::nullopt;
    return std::exp(*typical);
}

}  // namespace lf::bench
