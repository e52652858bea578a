// SPDX-License-Identifier: MIT
#include "bench/stats.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

namespace lf::bench {
namespace {

/// Numbers left out at either end.
std::size_t trimmed_at_each_end(std::size_t n) { return n / 5; }

double mean_of(std::span<const double> numbers) {
    double sum = 0;
    for (const double x : numbers) sum += x;
    return sum / static_cast<double>(numbers.size());
}

double deviation_of(std::span<const double> numbers) {
    const double mean = mean_of(numbers);
    double squares = 0;
    for (const double x : numbers) squares += (x - mean) * (x - mean);
    return std::sqrt(squares / (static_cast<double>(numbers.size()) - 1));
}

std::vector<double> sorted(std::span<const double> numbers) {
    std::vector<double> result(numbers.begin(), numbers.end());
    std::sort(result.begin(), result.end());
    return result;
}

double trimmed_mean_of_sorted(std::span<const double> ascending) {
    const std::size_t cut = trimmed_at_each_end(ascending.size());
    return mean_of(ascending.subspan(cut, ascending.size() - 2 * cut));
}

double median_of_sorted(std::span<const double> ascending) {
    const std::size_t n = ascending.size();
    return n % 2 == 1 ? ascending[n / 2] : (ascending[n / 2 - 1] + ascending[n / 2]) / 2;
}

/// Chance that |T| < t = √freedom·tan(angle).
double student_within(int freedom, double angle) {
    const double cosine = std::cos(angle);
    double term = freedom % 2 == 1 ? cosine : 1;
    double sum = freedom == 1 ? 0 : term;
    for (int i = freedom % 2 == 1 ? 3 : 2; i < freedom - 1; i += 2) {
        term *= cosine * cosine * (i - 1) / i;
        sum += term;
    }
    if (freedom % 2 == 0) return std::sin(angle) * sum;
    return 2 / std::numbers::pi * (angle + std::sin(angle) * sum);
}

/// The trimmed mean of one resample of the sorted numbers; `counts` is working space.
double resampled_mean(std::span<const double> ascending, std::mt19937& generator, std::vector<std::uint32_t>& counts) {
    const std::size_t n = ascending.size();
    std::fill(counts.begin(), counts.end(), 0U);
    for (std::size_t i = 0; i < n; ++i) ++counts[(std::uint64_t{generator()} * n) >> 32U];
    const std::size_t cut = trimmed_at_each_end(n);
    std::size_t skip = cut;
    std::size_t left = n - 2 * cut;
    double sum = 0;
    for (std::size_t i = 0; i < n && left > 0; ++i) {
        const std::size_t skipped = std::min<std::size_t>(skip, counts[i]);
        const std::size_t taken = std::min<std::size_t>(left, counts[i] - skipped);
        skip -= skipped;
        left -= taken;
        sum += static_cast<double>(taken) * ascending[i];
    }
    return sum / static_cast<double>(n - 2 * cut);
}

double percentile(std::vector<double>& numbers, double part) {
    const auto place = std::lround(part * static_cast<double>(numbers.size() - 1));
    std::nth_element(numbers.begin(), numbers.begin() + place, numbers.end());
    return numbers[static_cast<std::size_t>(place)];
}

std::optional<std::vector<double>> logs_of(std::span<const double> samples) {
    std::vector<double> logs;
    for (const double x : samples) {
        if (!(x > 0) || !std::isfinite(x)) return std::nullopt;
        logs.push_back(std::log(x));
    }
    return logs;
}

std::optional<std::vector<double>> logs_of_pairs(std::span<const double> a, std::span<const double> b) {
    if (a.size() != b.size()) return std::nullopt;
    auto logs = logs_of(a);
    const auto others = logs_of(b);
    if (!logs || !others) return std::nullopt;
    for (std::size_t i = 0; i < logs->size(); ++i) (*logs)[i] -= (*others)[i];
    return logs;
}

}  // namespace

std::optional<Estimate> carried_back(const std::optional<Estimate>& logs) {
    if (!logs) return std::nullopt;
    return Estimate{std::exp(logs->mean), std::exp(logs->low), std::exp(logs->high)};
}

double student_t(int freedom, double alpha) {
    // Beyond 1000 degrees the point changes in the fourth digit only.
    const int degrees = std::clamp(freedom, 1, 1000);
    double low = 0;
    double high = std::numbers::pi / 2;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (student_within(degrees, middle) < 1 - alpha ? low : high) = middle;
    }
    return std::sqrt(static_cast<double>(degrees)) * std::tan(high);
}

std::optional<double> trimmed_mean(std::span<const double> numbers) {
    if (numbers.empty()) return std::nullopt;
    return trimmed_mean_of_sorted(sorted(numbers));
}

std::optional<Estimate> trimmed_interval(std::span<const double> numbers, double alpha) {
    if (numbers.size() < 2) return std::nullopt;
    std::vector<double> values = sorted(numbers);
    const double mean = trimmed_mean_of_sorted(values);
    const std::size_t cut = trimmed_at_each_end(values.size());
    const auto n = static_cast<double>(values.size());
    const double kept = n - 2 * static_cast<double>(cut);
    for (std::size_t i = 0; i < cut; ++i) {
        values[i] = values[cut];
        values[values.size() - 1 - i] = values[values.size() - 1 - cut];
    }
    const double error = deviation_of(values) * std::sqrt((n - 1) / (kept * (kept - 1)));
    const double half = student_t(static_cast<int>(kept) - 1, alpha) * error;
    return Estimate{mean, mean - half, mean + half};
}

std::optional<Estimate> robust_interval(std::span<const double> numbers, double alpha, int resamples,
                                        std::uint64_t seed) {
    auto result = trimmed_interval(numbers, alpha);
    if (!result) return result;
    const std::vector<double> values = sorted(numbers);
    std::mt19937 generator(static_cast<std::uint32_t>(seed ^ (seed >> 32U)));
    std::vector<std::uint32_t> counts(values.size());
    std::vector<double> means;
    means.reserve(static_cast<std::size_t>(resamples));
    for (int i = 0; i < resamples; ++i) means.push_back(resampled_mean(values, generator, counts));
    if (means.empty()) return result;
    result->low = std::min(result->low, percentile(means, alpha / 2));
    result->high = std::max(result->high, percentile(means, 1 - alpha / 2));
    return result;
}

std::optional<Estimate> estimate(std::span<const double> samples) {
    const auto logs = logs_of(samples);
    if (!logs) return std::nullopt;
    return carried_back(robust_interval(*logs));
}

std::optional<Estimate> ratio_of_pairs(std::span<const double> a, std::span<const double> b) {
    const auto logs = logs_of_pairs(a, b);
    if (!logs) return std::nullopt;
    return carried_back(robust_interval(*logs));
}

std::vector<int> outliers(std::span<const double> numbers) {
    if (numbers.size() < 4) return {};
    const double median = median_of_sorted(sorted(numbers));
    std::vector<double> distances;
    for (const double x : numbers) distances.push_back(std::abs(x - median));
    const double spread = median_of_sorted(sorted(distances));
    std::vector<int> result;
    for (std::size_t i = 0; i < numbers.size(); ++i)
        if (0.6745 * distances[i] > 3.5 * spread) result.push_back(static_cast<int>(i));
    return result;
}

std::optional<double> effect_size(std::span<const double> a, std::span<const double> b) {
    const auto logs = logs_of_pairs(a, b);
    if (!logs || logs->size() < 2) return std::nullopt;
    const double deviation = deviation_of(*logs);
    if (deviation <= 0) return std::nullopt;
    return mean_of(*logs) / deviation;
}

Verdict judge(const Estimate& ratio) {
    if (ratio.low > 1 && ratio.mean >= 1 + kLeastEffect) return Verdict::faster;
    if (ratio.high < 1 && ratio.mean <= 1 - kLeastEffect) return Verdict::slower;
    return Verdict::cannot_tell;
}

}  // namespace lf::bench
