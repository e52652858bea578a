// SPDX-License-Identifier: MIT
#include "bench/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "bench/stats.h"

namespace lf::bench {
namespace {

constexpr std::string_view kPrefixes[] = {"pp", "tg"};

/// One value for a run: the mean of its repetitions.
std::optional<double> speed_in(const Run& run, const Test& test) {
    for (const Speeds& speeds : run.speeds) {
        if (speeds.test != test || speeds.tokens_per_second.empty()) continue;
        double sum = 0;
        for (const double speed : speeds.tokens_per_second) sum += speed;
        return sum / static_cast<double>(speeds.tokens_per_second.size());
    }
    return std::nullopt;
}

std::set<Test> tests_of(const BenchResult& result) {
    std::set<Test> tests;
    for (const Run& run : result.runs)
        if (run.counts)
            for (const Speeds& speeds : run.speeds) tests.insert(speeds.test);
    return tests;
}

std::optional<int> count_in(std::string_view text) {
    const auto value = parse_unsigned(text, 10);
    return value && *value <= 1'000'000 ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

Summary summary_of(const BenchResult& result, const std::string& candidate, const Test& test) {
    Summary summary{candidate, test, 0, {}, {}, {}};
    for (const Run& run : result.runs)
        if (run.counts && run.candidate == candidate)
            if (const auto speed = speed_in(run, test)) summary.values.push_back(*speed);
    summary.samples = static_cast<int>(summary.values.size());
    constexpr int kLeastSamples = 3;  // an interval of two says next to nothing
    if (summary.samples >= kLeastSamples) summary.tokens_per_second = estimate(summary.values);
    for (const int index : outliers(summary.values))
        summary.outliers.push_back(summary.values[static_cast<std::size_t>(index)]);
    return summary;
}

}  // namespace

std::string name_of(const Test& test) {
    std::string name = fmt::format("{}{}", kPrefixes[static_cast<std::size_t>(test.kind)], test.tokens);
    return test.depth > 0 ? fmt::format("{} @ d{}", name, test.depth) : name;
}

std::optional<Test> parse_test(std::string_view name) {
    constexpr std::string_view kDepth = " @ d";
    Test test;
    if (const std::size_t at = name.find(kDepth); at != std::string_view::npos) {
        const auto depth = count_in(name.substr(at + kDepth.size()));
        if (!depth || *depth == 0) return std::nullopt;
        test.depth = *depth;
        name = name.substr(0, at);
    }
    if (name.starts_with(kPrefixes[1])) test.kind = TestKind::generation;
    if (!name.starts_with(kPrefixes[0]) && test.kind != TestKind::generation) return std::nullopt;
    const auto tokens = count_in(name.substr(2));
    if (!tokens || *tokens == 0) return std::nullopt;
    test.tokens = *tokens;
    return test;
}

std::string_view name_of(Verdict verdict) {
    constexpr std::string_view kNames[] = {"faster", "slower", "~"};
    return kNames[static_cast<std::size_t>(verdict)];
}

void summarize(BenchResult& result) {
    result.summaries.clear();
    for (const Test& test : tests_of(result))
        for (const Candidate& candidate : result.candidates) {
            Summary summary = summary_of(result, candidate.name, test);
            if (summary.samples > 0) result.summaries.push_back(std::move(summary));
        }
}

}  // namespace lf::bench
