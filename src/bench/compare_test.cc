// SPDX-License-Identifier: MIT
#include "bench/compare.h"

#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "bench/looks.h"
#include "bench/simulator.h"

namespace lf::bench {
namespace {

const Recording& zen4_vm() {
    static const Recording kRecording = load_recording(noise_file("zen4-vm.tsv"));
    return kRecording;
}

/// No noise at all.
const Recording& quiet() {
    static const Recording kRecording{{}, {}, {{0, 0}}};
    return kRecording;
}

struct Tally {
    int wrong = 0;  ///< comparisons with a verdict, in either test, that is not true
    int found_prompt = 0;
    int found_generation = 0;
    int found = 0;    ///< in either test
    int covered = 0;  ///< intervals that hold the true ratio, of two a comparison
    int over_budget = 0;
    double rounds = 0;   ///< mean
    double seconds = 0;  ///< mean
};

/// The second candidate is `factor` times as fast as the first, which is what this variant was on the machine.
Tally repeat(int repetitions, double factor, const std::string& variant, double budget) {
    Tally tally;
    const TwoSpeeds base = zen4_vm().typical.at(variant);
    const Verdict truth = factor > 1 ? Verdict::faster : factor < 1 ? Verdict::slower : Verdict::cannot_tell;
    for (int i = 0; i < repetitions; ++i) {
        const auto seed = static_cast<std::uint64_t>(i);
        const Simulated first{.speeds = base};
        const Simulated second{.speeds = {base.prompt * factor, base.generation * factor}};
        SimulatedMeasurer machine({first, second}, zen4_vm(), seed);
        CompareRequest request;
        request.budget_seconds = budget;
        request.resamples = 500;
        request.seed = seed + 1;
        const CompareResult result = compare(request, machine);
        bool wrong = false;
        for (const PairResult& pair : result.pairs) {
            wrong = wrong || (pair.verdict != truth && pair.verdict != Verdict::cannot_tell);
            tally.covered += pair.ratio->low <= factor && factor <= pair.ratio->high;
        }
        const bool prompt = result.pairs.at(0).verdict == truth;
        const bool generation = result.pairs.at(1).verdict == truth;
        tally.wrong += wrong;
        tally.found_prompt += prompt;
        tally.found_generation += generation;
        tally.found += prompt || generation;
        tally.over_budget += result.seconds > budget + 0.2;
        tally.rounds += static_cast<double>(result.rounds) / repetitions;
        tally.seconds += result.seconds / repetitions;
    }
    std::cout << variant << " × " << factor << ", " << budget << " s: of " << repetitions << " comparisons "
              << tally.wrong << " wrong; right in pp " << tally.found_prompt << ", tg " << tally.found_generation
              << ", either " << tally.found << "; intervals that hold the truth " << tally.covered << " of "
              << 2 * repetitions << "; " << static_cast<int>(tally.rounds) << " rounds, "
              << static_cast<int>(tally.seconds) << " s\n";
    return tally;
}

constexpr double kBudget = CompareRequest{}.budget_seconds;

TEST(Compare, equalsAreCalledDifferentInAtMostFiveOfAHundred) {
    for (const char* variant : {"zen4", "haswell", "x64"}) {
        const int repetitions = variant == std::string("zen4") ? 1000 : 200;
        const Tally tally = repeat(repetitions, 1, variant, kBudget);
        EXPECT_LE(tally.wrong, repetitions / 20) << variant;
        EXPECT_GE(tally.covered, 2 * repetitions * 95 / 100) << variant;
        EXPECT_EQ(tally.over_budget, 0) << variant;
    }
    const Tally shorter = repeat(500, 1, "zen4", 40);
    EXPECT_LE(shorter.wrong, 25);
    EXPECT_GT(shorter.wrong, 0);  // a method that never errs would hardly find anything
}

TEST(Compare, fivePercentAreFoundInNinetyOfAHundred) {
    const Tally faster = repeat(500, 1.05, "zen4", kBudget);
    EXPECT_GE(faster.found, 450);
    EXPECT_EQ(faster.over_budget, 0);
    EXPECT_GE(repeat(500, 1 / 1.05, "zen4", kBudget).found, 450);
    EXPECT_GE(faster.covered, 950);
}

TEST(Compare, largeDifferencesEndEarly) {
    const Tally tally = repeat(200, 2, "zen4", kBudget);
    EXPECT_EQ(tally.found, 200);
    EXPECT_LT(tally.seconds, kBudget / 3);
}

CompareResult compare_quiet(std::vector<Simulated> candidates, CompareRequest request = {}) {
    request.candidates = candidates.size();
    request.resamples = 200;
    SimulatedMeasurer machine(std::move(candidates), quiet(), 1);
    return compare(request, machine);
}

TEST(Compare, withoutNoiseItStopsAtTheFirstLook) {
    const CompareResult result = compare_quiet({{.speeds = {100, 50}}, {.speeds = {150, 25}}, {.speeds = {100, 50}}});
    EXPECT_EQ(result.stop, Stop::decided);
    ASSERT_EQ(result.pairs.size(), 4U);
    EXPECT_EQ(result.pairs[0].verdict, Verdict::faster);
    EXPECT_NEAR(result.pairs[0].ratio->mean, 1.5, 1e-9);
    EXPECT_EQ(result.pairs[1].verdict, Verdict::slower);
    EXPECT_EQ(result.pairs[2].verdict, Verdict::cannot_tell);
    EXPECT_LT(result.seconds, kBudget / 2);
    EXPECT_EQ(compare_quiet({{.speeds = {100, 50}}, {.speeds = {100, 50}}}).stop, Stop::precise);
}

TEST(Compare, aRoundRunsEveryLiveCandidateOnce) {
    const CompareResult result = compare_quiet({{.speeds = {100, 50}}, {.speeds = {103, 52}}, {.speeds = {90, 51}}});
    std::set<std::pair<int, std::size_t>> seen;
    for (const RunRecord& run : result.runs)
        if (run.request.phase == Phase::measure) {
            EXPECT_TRUE(seen.emplace(run.request.round, run.candidate).second);
            EXPECT_EQ(run.request.effort, result.effort);
        }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(result.rounds) * 3);
}

TEST(Compare, theDeadAreLeftOut) {
    const Simulated dead{.speeds = {1, 1}, .dead = "illegal instruction"};
    const CompareResult result = compare_quiet({{.speeds = {100, 50}}, dead, {.speeds = {200, 50}}});
    EXPECT_EQ(result.dead[1], "illegal instruction");
    EXPECT_FALSE(result.dead[0]);
    EXPECT_FALSE(result.pairs[0].ratio);
    EXPECT_EQ(result.pairs[2].verdict, Verdict::faster);
    EXPECT_EQ(compare_quiet({dead, {.speeds = {100, 50}}}).stop, Stop::nothing_runs);
    EXPECT_EQ(compare_quiet({{.speeds = {100, 50}}, dead}).stop, Stop::nothing_runs);
}

TEST(Compare, anErrorEndsItWithWhatIsThere) {
    SimulatedMeasurer machine({{.speeds = {500, 150}}, {.speeds = {1000, 300}}}, zen4_vm(), 3);
    machine.fail_after = 11;
    const CompareResult result = compare({}, machine);
    ASSERT_TRUE(result.error);
    EXPECT_EQ(result.error->id, "interrupted");
    EXPECT_EQ(result.stop, Stop::interrupted);
    EXPECT_EQ(result.runs.size(), 11U);
    EXPECT_EQ(result.rounds, 4);
    EXPECT_EQ(result.pairs[0].pairs, 4);
    EXPECT_TRUE(result.pairs[0].ratio);
}

TEST(Compare, slowMachinesGetShorterRunsAndThreeRounds) {
    const CompareResult slow = compare_quiet({{.speeds = {6, 3}}, {.speeds = {5, 3}}});
    EXPECT_TRUE(slow.shortened);
    EXPECT_LT(slow.effort.prompt_tokens, 128);
    EXPECT_GE(slow.rounds, kLeastRounds);
    EXPECT_LE(slow.seconds, kBudget);
    // So slow that three rounds cannot fit: they are run all the same, or not at all where the budget is hard.
    EXPECT_EQ(compare_quiet({{.speeds = {0.9, 0.6}}, {.speeds = {0.9, 0.6}}}).rounds, kLeastRounds);
    CompareRequest hard;
    hard.hard_budget = true;
    const CompareResult none = compare_quiet({{.speeds = {0.9, 0.6}}, {.speeds = {0.9, 0.6}}}, hard);
    EXPECT_LE(none.seconds, kBudget + 0.1);
}

TEST(Compare, testsThatAreNotAskedForAreNotJudged) {
    CompareRequest request;
    request.wanted.prompt_tokens = 0;
    const CompareResult result = compare_quiet({{.speeds = {100, 50}}, {.speeds = {100, 60}}}, request);
    ASSERT_EQ(result.pairs.size(), 1U);
    EXPECT_EQ(result.pairs[0].test, bench::TestKind::generation);
    EXPECT_EQ(result.pairs[0].verdict, Verdict::faster);
}

TEST(Compare, mostRoundsAreKept) {
    CompareRequest request;
    request.most_rounds = 5;
    request.precision = 0;
    SimulatedMeasurer machine({{.speeds = {500, 150}}, {.speeds = {500, 150}}}, zen4_vm(), 3);
    const CompareResult result = compare(request, machine);
    EXPECT_EQ(result.rounds, 5);
    EXPECT_EQ(result.stop, Stop::rounds);
}

TEST(Looks, theSharesAddUpToAlpha) {
    Looks looks(0.05);
    EXPECT_FALSE(looks.due(0.01));
    double spent = 0;
    int taken = 0;
    for (int i = 1; i < 100; ++i)
        if (looks.due(i / 100.0)) spent += looks.take(i / 100.0), ++taken;
    EXPECT_EQ(taken, 5);
    EXPECT_NEAR(spent + looks.rest(), 0.05, 1e-12);
    EXPECT_GT(looks.rest(), 0.04);
    Looks late(0.05);
    const double first = late.take(0.7);  // the looks before it were missed
    EXPECT_NEAR(first + late.rest(), 0.05, 1e-12);
    EXPECT_FALSE(late.due(0.9));
}

}  // namespace
}  // namespace lf::bench
