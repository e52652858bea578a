// SPDX-License-Identifier: MIT
#include "bench/stats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "bench/schedule.h"
#include "bench/sizing.h"

namespace lf::bench {
namespace {

TEST(Stats, meanAndIntervalOfKnownNumbers) {
    // Mean 3, standard deviation √2.5, t(4) = 2.776: 3 ± 1.963.
    const std::vector<double> samples = {1, 2, 3, 4, 5};
    const auto result = estimate(samples);
    ASSERT_TRUE(result);
    EXPECT_DOUBLE_EQ(result->mean, 3);
    EXPECT_NEAR(result->low, 3 - 2.776 * std::sqrt(0.5), 1e-12);
    EXPECT_NEAR(result->high, 4.963, 1e-3);
    EXPECT_FALSE(estimate(std::vector<double>{1}));
    EXPECT_FALSE(estimate(std::vector<double>{}));
}

TEST(Stats, tableOfStudentNeverNarrowsWrongly) {
    EXPECT_DOUBLE_EQ(student_t(1), 12.706);
    EXPECT_DOUBLE_EQ(student_t(30), 2.042);
    EXPECT_DOUBLE_EQ(student_t(0), 12.706);
    for (int n = 1; n < 200; ++n) EXPECT_GE(student_t(n), student_t(n + 1)) << n;
    for (int n = 1; n < 5000; ++n) EXPECT_GT(student_t(n), 1.95996) << n;
}

TEST(Stats, aRatioOfPairsIsFreeOfTheMachinesState) {
    // The machine halves its speed in the middle; the ratio is 2 all the time.
    const std::vector<double> a = {200, 202, 100, 101};
    const std::vector<double> b = {100, 101, 50, 50.5};
    const auto ratio = ratio_of_pairs(a, b);
    ASSERT_TRUE(ratio);
    EXPECT_NEAR(ratio->mean, 2, 1e-12);
    EXPECT_NEAR(ratio->low, 2, 1e-9);
    EXPECT_EQ(judge(*ratio), Verdict::faster);
    const auto inverse = ratio_of_pairs(b, a);
    EXPECT_NEAR(inverse->mean, 0.5, 1e-12);
    EXPECT_EQ(judge(*inverse), Verdict::slower);
}

TEST(Stats, impossibleSamplesGiveNoRatio) {
    EXPECT_FALSE(ratio_of_pairs(std::vector<double>{1, 2}, std::vector<double>{1, 0}));
    EXPECT_FALSE(ratio_of_pairs(std::vector<double>{1, NAN}, std::vector<double>{1, 1}));
    EXPECT_FALSE(ratio_of_pairs(std::vector<double>{1, 2}, std::vector<double>{1}));
    EXPECT_FALSE(ratio_of_pairs(std::vector<double>{1}, std::vector<double>{1}));
}

TEST(Stats, differencesUnderTwoPercentAreNoVerdict) {
    EXPECT_EQ(judge({1.015, 1.014, 1.016}), Verdict::cannot_tell);
    EXPECT_EQ(judge({1.03, 0.99, 1.07}), Verdict::cannot_tell);
    EXPECT_EQ(judge({1.03, 1.01, 1.05}), Verdict::faster);
    EXPECT_EQ(judge({0.97, 0.95, 0.99}), Verdict::slower);
}

TEST(Stats, theSameThingTwiceIsRarelyCalledDifferent) {
    // Noise of 5 % in each run: at most 5 of 100 comparisons may find a difference; counted over 2000.
    std::mt19937 generator(7);
    std::normal_distribution<double> noise(100, 5);
    int wrong = 0;
    for (int trial = 0; trial < 2000; ++trial) {
        std::vector<double> a, b;
        for (int i = 0; i < 5; ++i) a.push_back(noise(generator)), b.push_back(noise(generator));
        if (judge(*ratio_of_pairs(a, b)) != Verdict::cannot_tell) ++wrong;
    }
    EXPECT_LE(wrong, 120);
    EXPECT_GT(wrong, 20);  // an interval that never misses would be far too wide
}

TEST(Schedule, everyCandidateOnceARepeatAndNobodyAlwaysFirst) {
    const auto runs = interleaved(3, 6);
    ASSERT_EQ(runs.size(), 18U);
    std::vector<int> first(3), count(3);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        EXPECT_EQ(runs[i].repeat, static_cast<int>(i / 3));
        ++count[runs[i].candidate];
        if (i % 3 == 0) ++first[runs[i].candidate];
    }
    EXPECT_EQ(count, std::vector<int>({6, 6, 6}));
    EXPECT_EQ(first, std::vector<int>({2, 2, 2}));
    EXPECT_TRUE(interleaved(2, 0).empty());
}

TEST(Sizing, theLongestRunsThatFit) {
    std::vector<LlamaBenchTest> trial(2);
    trial[0].test = bench::Test::prompt;
    trial[0].tokens_per_second = 32;
    trial[1].test = bench::Test::generation;
    trial[1].tokens_per_second = 16;
    const Tokens wanted{128, 32};  // 8 + 2 seconds a run
    EXPECT_EQ(fitting(wanted, trial, 6, 60), wanted);
    EXPECT_EQ(fitting(wanted, trial, 6, 59), (Tokens{64, 16}));
    EXPECT_EQ(fitting(wanted, trial, 6, 29), (Tokens{32, 8}));
    EXPECT_EQ(fitting(wanted, trial, 6, -1), (Tokens{32, 8}));
    EXPECT_EQ(fitting({128, 0}, trial, 6, 1), (Tokens{32, 0}));
    EXPECT_EQ(trial_of({128, 32}), (Tokens{16, 4}));
    EXPECT_EQ(trial_of({128, 0}), (Tokens{16, 0}));
}

}  // namespace
}  // namespace lf::bench
