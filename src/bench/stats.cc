// SPDX-License-Identifier: MIT
#include "bench/stats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace lf::bench {
namespace {

/// Half the width of the 95 % interval of a mean, and the mean.
struct Spread {
    double mean = 0;
    double half = 0;
};
Spread spread_of(std::span<const double> samples) {
    const auto n = static_cast<double>(samples.size());
    double sum = 0;
    for (const double x : samples) sum += x;
    const double mean = sum / n;
    double squares = 0;
    for (const double x : samples) squares += (x - mean) * (x - mean);
    const double deviation = std::sqrt(squares / (n - 1));
    return {mean, student_t(static_cast<int>(samples.size()) - 1) * deviation / std::sqrt(n)};
}

}  // namespace

double student_t(int freedom) {
    constexpr std::array kTable = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                   2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                   2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    // Between the rows of the table the wider interval is taken.
    if (freedom >= 100) return 1.984;
    if (freedom >= 60) return 2.000;
    if (freedom >= 40) return 2.021;
    return kTable.at(static_cast<std::size_t>(std::clamp(freedom, 1, static_cast<int>(kTable.size())) - 1));
}

std::optional<Estimate> estimate(std::span<const double> samples) {
    if (samples.size() < 2) return std::nullopt;
    const Spread spread = spread_of(samples);
    return Estimate{spread.mean, spread.mean - spread.half, spread.mean + spread.half};
}

std::optional<Estimate> ratio_of_pairs(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size() || a.size() < 2) return std::nullopt;
    std::vector<double> logs;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!(a[i] > 0) || !(b[i] > 0)) return std::nullopt;
        logs.push_back(std::log(a[i] / b[i]));
    }
    const Spread spread = spread_of(logs);
    return Estimate{std::exp(spread.mean), std::exp(spread.mean - spread.half), std::exp(spread.mean + spread.half)};
}

Verdict judge(const Estimate& ratio) {
    if (ratio.low > 1 && ratio.mean >= 1 + kLeastEffect) return Verdict::faster;
    if (ratio.high < 1 && ratio.mean <= 1 - kLeastEffect) return Verdict::slower;
    return Verdict::cannot_tell;
}

}  // namespace lf::bench
