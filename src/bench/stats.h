// SPDX-License-Identifier: MIT
/// \file
/// \brief Typical values, ratios and how far to trust them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "bench/result.h"

namespace lf::bench {

/// Chance of a false verdict that is accepted: intervals are 95 % ones.
inline constexpr double kAlpha = 0.05;

/// Differences under 2 % are noise here, whatever an interval says (llama-bench on one machine varies by that much
/// between two builds of the same source).
inline constexpr double kLeastEffect = 0.02;

/// The two-sided point of Student's t: beyond it in both directions together lies `alpha`. `freedom` at least 1.
/// M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, solved for t.
double student_t(int freedom, double alpha = kAlpha);

/// Mean of the numbers without a fifth of them at either end (of fewer than 5: of all). Empty: nothing. A fifth is what
/// R. R. Wilcox, Introduction to Robust Estimation and Hypothesis Testing, 3.3, recommends.
std::optional<double> trimmed_mean(std::span<const double> numbers);

/// The trimmed mean with its interval by J. W. Tukey and D. H. McLaughlin (Sankhya A 25, 1963): Student's t on the
/// winsorized deviation. Fewer than two numbers: nothing.
std::optional<Estimate> trimmed_interval(std::span<const double> numbers, double alpha = kAlpha);

/// The same, widened to the percentile bootstrap of the trimmed mean where that is wider: the bootstrap sees a lopsided
/// distribution, but is too narrow for few samples; t is wide enough for few. The same bytes for the same seed.
std::optional<Estimate> robust_interval(std::span<const double> numbers, double alpha = kAlpha, int resamples = 10'000,
                                        std::uint64_t seed = 1);

/// An interval of logarithms as one of the numbers themselves.
std::optional<Estimate> carried_back(const std::optional<Estimate>& logs);

/// Typical value of positive samples, with its interval: robust_interval of the logarithms, carried back by exp.
/// One sample or none, or one that is not positive: nothing.
std::optional<Estimate> estimate(std::span<const double> samples);

/// How many times `a` is `b`, from pairs measured one after the other: robust_interval of log(a/b), carried back by
/// exp. Pairs share the state of the machine (clock, neighbours), so its slow changes cancel. Every value > 0.
std::optional<Estimate> ratio_of_pairs(std::span<const double> a, std::span<const double> b);

/// Indices of the numbers whose modified z score is over 3.5: 0.6745·(x - median)/MAD (B. Iglewicz, D. C. Hoaglin, How
/// to Detect and Handle Outliers, 1993). They are shown, never removed. Fewer than 4 numbers: none.
std::vector<int> outliers(std::span<const double> numbers);

/// How many deviations two samples of pairs lie apart: mean of log(a/b) / its deviation (Cohen's d of pairs).
std::optional<double> effect_size(std::span<const double> a, std::span<const double> b);

/// The interval must leave out 1, and the mean be at least kLeastEffect away from it.
Verdict judge(const Estimate& ratio);

}  // namespace lf::bench
