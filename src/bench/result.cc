// SPDX-License-Identifier: MIT
#include "bench/result.h"

#include <algorithm>

#include "bench/stats.h"

namespace lf::bench {
namespace {

constexpr Test kTests[] = {Test::prompt, Test::generation};

/// The speed of a candidate in one repeat, or nothing.
std::optional<double> speed(const BenchResult& result, const std::string& candidate, Test test, int repeat) {
    for (const Sample& sample : result.samples)
        if (sample.candidate == candidate && sample.test == test && sample.repeat == repeat)
            return sample.tokens_per_second;
    return std::nullopt;
}

int repeats_seen(const BenchResult& result) {
    int most = -1;
    for (const Sample& sample : result.samples) most = std::max(most, sample.repeat);
    return most + 1;
}

Summary summary_of(const BenchResult& result, const std::string& candidate, Test test) {
    std::vector<double> speeds;
    for (const Sample& sample : result.samples)
        if (sample.candidate == candidate && sample.test == test) speeds.push_back(sample.tokens_per_second);
    return {candidate, test, static_cast<int>(speeds.size()), estimate(speeds)};
}

std::optional<Comparison> compare(const BenchResult& result, const std::string& candidate, Test test) {
    const std::string& baseline = result.candidates.front().name;
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int repeat = 0; repeat < repeats_seen(result); ++repeat) {
        const auto a = speed(result, candidate, test, repeat);
        const auto b = speed(result, baseline, test, repeat);
        if (!a || !b) continue;
        ours.push_back(*a);
        theirs.push_back(*b);
    }
    const auto ratio = ratio_of_pairs(ours, theirs);
    if (!ratio) return std::nullopt;
    return Comparison{candidate, baseline, test, static_cast<int>(ours.size()), *ratio, judge(*ratio)};
}

}  // namespace

std::string_view name_of(Test test) { return test == Test::prompt ? "pp" : "tg"; }

std::string_view name_of(Verdict verdict) {
    constexpr std::string_view kNames[] = {"faster", "slower", "~"};
    return kNames[static_cast<std::size_t>(verdict)];
}

void summarize(BenchResult& result) {
    result.summaries.clear();
    result.comparisons.clear();
    for (const Test test : kTests)
        for (const Candidate& candidate : result.candidates) {
            Summary summary = summary_of(result, candidate.name, test);
            if (summary.samples > 0) result.summaries.push_back(std::move(summary));
            if (&candidate == &result.candidates.front()) continue;
            if (auto comparison = compare(result, candidate.name, test))
                result.comparisons.push_back(std::move(*comparison));
        }
}

}  // namespace lf::bench
