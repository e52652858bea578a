// SPDX-License-Identifier: MIT
/// \file
/// \brief Means, ratios and how far to trust them.
#pragma once

#include <optional>
#include <span>

#include "bench/result.h"

namespace lf::bench {

/// The 97.5 % point of Student's t for `freedom` degrees (at least 1): a two-sided 95 % interval is mean ± t·s/√n.
/// NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, table of critical values.
double student_t(int freedom);

/// Mean and 95 % interval by Student's t. One sample or none: nothing.
std::optional<Estimate> estimate(std::span<const double> samples);

/// How many times `a` is `b`, from pairs measured one after the other: the t interval of the mean of log(a/b), carried
/// back by exp. Pairs share the state of the machine (clock, neighbours), so its slow changes cancel. Every value > 0.
std::optional<Estimate> ratio_of_pairs(std::span<const double> a, std::span<const double> b);

/// Differences under 2 % are noise here, whatever an interval says (llama-bench on one machine varies by that much
/// between two builds of the same source).
inline constexpr double kLeastEffect = 0.02;

/// The interval must leave out 1, and the mean be at least kLeastEffect away from it.
Verdict judge(const Estimate& ratio);

}  // namespace lf::bench
