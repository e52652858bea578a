// SPDX-License-Identifier: MIT
#include "bench/stats.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "bench/schedule.h"

namespace lf::bench {
namespace {

/// Share of intervals that hold 0, the centre of what `draw` gives.
template <class Draw>
double coverage(int n, int trials, Draw draw) {
    std::mt19937 generator(11);
    int held = 0;
    for (int trial = 0; trial < trials; ++trial) {
        std::vector<double> numbers;
        for (int i = 0; i < n; ++i) numbers.push_back(draw(generator));
        const Estimate interval = *robust_interval(numbers, kAlpha, 300, 1);
        if (interval.low <= 0 && 0 <= interval.high) ++held;
    }
    return static_cast<double>(held) / trials;
}

TEST(Stats, trimmedMeanAndIntervalOfKnownNumbers) {
    // One number at either end is left out: mean of 2, 3, 4. Winsorized 2 2 3 4 4: deviation 1, error 1·√(4/(3·2)).
    const std::vector<double> samples = {5, 1, 100, 2, 3, 4, -50, 3, 3, 3};
    EXPECT_DOUBLE_EQ(*trimmed_mean(samples), 3);
    const auto result = trimmed_interval(std::vector<double>{1, 2, 3, 4, 5});
    ASSERT_TRUE(result);
    EXPECT_DOUBLE_EQ(result->mean, 3);
    EXPECT_NEAR(result->high, 3 + 4.3027 * std::sqrt(4.0 / 6), 1e-3);
    // Of fewer than five nothing is left out: 2 ± t(2)·1/√3.
    EXPECT_NEAR(trimmed_interval(std::vector<double>{1, 2, 3})->low, 2 - 4.3027 / std::sqrt(3.0), 1e-3);
    EXPECT_FALSE(trimmed_interval(std::vector<double>{1}));
    EXPECT_FALSE(trimmed_mean(std::vector<double>{}));
}

TEST(Stats, anEstimateIsTheTypicalSpeed) {
    const auto result = estimate(std::vector<double>{100, 100, 100, 100, 3});
    ASSERT_TRUE(result);
    EXPECT_NEAR(result->mean, 100, 1e-9);
    EXPECT_LT(result->low, 100);
    EXPECT_FALSE(estimate(std::vector<double>{1}));
    EXPECT_FALSE(estimate(std::vector<double>{1, 0}));
    EXPECT_EQ(estimate(std::vector<double>{1, 2, 3}), estimate(std::vector<double>{1, 2, 3}));
}

TEST(Stats, studentAsInTheTables) {
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
    EXPECT_NEAR(student_t(1), 12.706, 5e-4);
    EXPECT_NEAR(student_t(2), 4.303, 5e-4);
    EXPECT_NEAR(student_t(3), 3.182, 5e-4);
    EXPECT_NEAR(student_t(10), 2.228, 5e-4);
    EXPECT_NEAR(student_t(30), 2.042, 5e-4);
    EXPECT_NEAR(student_t(100), 1.984, 5e-4);
    EXPECT_NEAR(student_t(5, 0.01), 4.032, 5e-4);
    EXPECT_NEAR(student_t(8, 0.002), 4.501, 5e-4);
    EXPECT_NEAR(student_t(0), 12.706, 5e-4);
    for (int n = 1; n < 200; ++n) EXPECT_GE(student_t(n), student_t(n + 1)) << n;
    EXPECT_GT(student_t(100'000), 1.95996);
}

TEST(Stats, intervalsHoldTheTruthWithFewSamplesAndWithMany) {
    std::normal_distribution<double> normal(0, 1);
    // One in ten is disturbed, one-sided as on a real machine; symmetric as the difference of a pair is.
    const auto pair_of_disturbed = [&](std::mt19937& g) {
        const auto one = [&] { return 0.1 * normal(g) - (g() % 10 == 0 ? std::abs(normal(g)) : 0); };
        const double a = one();
        return a - one();
    };
    for (const int n : {3, 4, 5, 6, 8, 12, 20, 60}) {
        EXPECT_GE(coverage(n, 1000, [&](std::mt19937& g) { return normal(g); }), 0.935) << n;
        EXPECT_GE(coverage(n, 1000, pair_of_disturbed), 0.94) << n;
    }
    EXPECT_LT(coverage(60, 1000, [&](std::mt19937& g) { return normal(g); }), 0.99);
}

TEST(Stats, theBootstrapWidensALopsidedInterval) {
    const std::vector<double> lopsided = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 8, 9};
    const Estimate plain = *trimmed_interval(lopsided);
    const Estimate both = *robust_interval(lopsided);
    EXPECT_DOUBLE_EQ(both.mean, plain.mean);
    EXPECT_LE(both.low, plain.low);
    EXPECT_GT(both.high, plain.high);
}

TEST(Stats, outliersAreShown) {
    EXPECT_EQ(outliers(std::vector<double>{1, 1.1, 0.9, 1, 1.05, 9, 1}), (std::vector<int>{5}));
    EXPECT_TRUE(outliers(std::vector<double>{1, 2, 3, 4, 5, 6}).empty());
    EXPECT_TRUE(outliers(std::vector<double>{1, 1, 9}).empty());
    EXPECT_EQ(outliers(std::vector<double>{1, 1, 1, 1, 2}), (std::vector<int>{4}));
}

TEST(Stats, effectSizeCountsDeviations) {
    const std::vector<double> a = {std::exp(1), std::exp(2), std::exp(3)};
    EXPECT_NEAR(*effect_size(a, std::vector<double>{1, 1, 1}), 2, 1e-9);
    EXPECT_FALSE(effect_size(a, std::vector<double>{1, 1}));
    EXPECT_FALSE(effect_size(std::vector<double>{2, 2}, std::vector<double>{1, 1}));
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
        for (int i = 0; i < 12; ++i) a.push_back(noise(generator)), b.push_back(noise(generator));
        if (judge(*ratio_of_pairs(a, b)) != Verdict::cannot_tell) ++wrong;
    }
    EXPECT_LE(wrong, 120);
    EXPECT_GT(wrong, 20);  // an interval that never misses would be far too wide
}

TEST(Schedule, aRoundIsARandomOrderThatIsKeptForSomeRounds) {
    const std::vector<std::size_t> live = {0, 2, 5, 7};
    std::vector<int> first(8);
    for (int round = 0; round < 4000; round += kRoundsOfOneOrder) {
        const auto order = round_order(live, round, 9);
        auto ascending = order;
        std::sort(ascending.begin(), ascending.end());
        ASSERT_EQ(ascending, live);
        EXPECT_EQ(round_order(live, round + kRoundsOfOneOrder - 1, 9), order);
        ++first[order.front()];
    }
    for (const std::size_t i : live) EXPECT_NEAR(first[i], 250, 60) << i;
    EXPECT_EQ(round_order(live, 3, 9), round_order(live, 3, 9));
    EXPECT_TRUE(round_order({}, 0, 1).empty());
}

}  // namespace
}  // namespace lf::bench
