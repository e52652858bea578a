// SPDX-License-Identifier: MIT
/// \file
/// \brief A pretended machine for tests: speeds that the test chooses, noise that a real machine had, a clock of its
/// own.
#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bench/measurer.h"
#include "bench/stats.h"

namespace lf::bench {

struct TwoSpeeds {
    double prompt = 0;      ///< tokens/s
    double generation = 0;  ///< tokens/s
};

/// Standard error of a trimmed mean, from its interval.
inline double standard_error(const std::vector<double>& numbers) {
    const Estimate interval = trimmed_interval(numbers).value_or(Estimate{});
    const int kept = static_cast<int>(numbers.size() - 2 * (numbers.size() / 5));
    return (interval.high - interval.mean) / student_t(kept - 1);
}

/// Real runs of one machine, in the order of time.
struct Recording {
    std::map<std::string, TwoSpeeds> typical;  ///< a CPU variant each
    std::map<std::string, TwoSpeeds> errors;   ///< standard errors of the logs of the typical speeds
    std::vector<TwoSpeeds> deviations;         ///< log(speed / typical) of each process
};

inline Recording load_recording(const std::string& path) {
    struct Line {
        std::string variant;
        TwoSpeeds speeds;
    };
    std::vector<Line> all;
    std::map<std::string, std::pair<std::vector<double>, std::vector<double>>> logs;
    std::ifstream file(path);
    for (std::string text; std::getline(file, text);) {
        if (text.empty() || text.front() == '#') continue;
        std::istringstream words(text);
        Line line;
        double start = 0, end = 0, load = 0;
        words >> line.variant >> start >> end >> load >> line.speeds.prompt >> line.speeds.generation;
        if (!words) continue;
        all.push_back(line);
        logs[line.variant].first.push_back(std::log(line.speeds.prompt));
        logs[line.variant].second.push_back(std::log(line.speeds.generation));
    }
    Recording recording;
    for (const auto& [variant, values] : logs) {
        recording.typical[variant] = {std::exp(*trimmed_mean(values.first)), std::exp(*trimmed_mean(values.second))};
        recording.errors[variant] = {standard_error(values.first), standard_error(values.second)};
    }
    for (const Line& line : all) {
        const TwoSpeeds& typical = recording.typical[line.variant];
        recording.deviations.push_back(
            {std::log(line.speeds.prompt / typical.prompt), std::log(line.speeds.generation / typical.generation)});
    }
    return recording;
}

/// The same machine with less noise: every deviation is this part of the recorded one.
inline Recording calmer(Recording recording, double part) {
    for (TwoSpeeds& deviation : recording.deviations)
        deviation = {deviation.prompt * part, deviation.generation * part};
    return recording;
}

/// Variants that run nearly the same code differ in a recording by its noise too. Their typical speeds without that
/// part: drawn to their common mean as W. James and C. Stein (Proc. 4th Berkeley Symposium, 1961) do.
inline std::map<std::string, TwoSpeeds> without_noise(const Recording& recording,
                                                      const std::vector<std::string>& alike) {
    std::map<std::string, TwoSpeeds> result = recording.typical;
    for (double TwoSpeeds::*test : {&TwoSpeeds::prompt, &TwoSpeeds::generation}) {
        const auto n = static_cast<double>(alike.size());
        double mean = 0, between = 0, within = 0;
        for (const std::string& variant : alike) mean += std::log(recording.typical.at(variant).*test) / n;
        for (const std::string& variant : alike) {
            between += std::pow(std::log(recording.typical.at(variant).*test) - mean, 2);
            within += std::pow(recording.errors.at(variant).*test, 2) / n;
        }
        const double kept = std::max(0.0, 1 - (n - 3) * within / between);
        for (const std::string& variant : alike)
            result[variant].*test = std::exp(mean + kept * (std::log(recording.typical.at(variant).*test) - mean));
    }
    return result;
}

/// Replays the recording in stretches of about twenty processes that begin anywhere (the stationary bootstrap of D. N.
/// Politis and J. P. Romano, JASA 89, 1994): neighbours in time stay neighbours, and no two replays are the same.
class Noise {
  public:
    Noise(const Recording& recording, std::uint64_t seed) : recording_(recording), generator_(seed) {}
    TwoSpeeds next() {
        const std::size_t n = recording_.deviations.size();
        if (generator_() % 20 == 0) place_ = generator_() % n;
        return recording_.deviations[place_++ % n];
    }
    std::uint64_t number() { return generator_(); }

  private:
    const Recording& recording_;
    std::mt19937_64 generator_;
    std::size_t place_ = generator_();
};

/// What a candidate of the pretended machine is like.
struct Simulated {
    TwoSpeeds speeds;
    double start_seconds = 0.2;
    std::optional<std::int64_t> memory_mib = std::nullopt;
    std::optional<std::string> dead = std::nullopt;  ///< it never runs, and this is why
};

/// One pretended process, as long as a real one; never longer than the limit.
inline Measurement simulate(const Simulated& candidate, const RunRequest& request, Noise& noise) {
    Measurement result;
    result.memory_mib = candidate.memory_mib;
    result.dead = candidate.dead;
    result.seconds = std::min(0.05, request.limit_seconds);
    if (candidate.dead) return result;
    const Effort& effort = request.effort;
    const double prompt = effort.prompt_tokens / candidate.speeds.prompt;
    const double generation = effort.generated_tokens / candidate.speeds.generation;
    // The recording has a process about every half second: a longer one meets several states of the machine. What a
    // process repeats differs little (5 % within a process, 13 to 15 % between them, on that machine): it shares them.
    const double once = prompt + generation;
    const int states = std::clamp(static_cast<int>(once / 0.5 + 0.5), 1, 100);
    TwoSpeeds slowness;
    for (int s = 0; s < states; ++s) {
        const TwoSpeeds deviation = noise.next();
        slowness.prompt += std::exp(-deviation.prompt) / states;
        slowness.generation += std::exp(-deviation.generation) / states;
    }
    double seconds = candidate.start_seconds + prompt * slowness.prompt;
    for (int i = 0; i < effort.repetitions; ++i) {
        if (prompt > 0) result.prompt_speeds.push_back(candidate.speeds.prompt / slowness.prompt);
        if (generation > 0) result.generation_speeds.push_back(candidate.speeds.generation / slowness.generation);
        seconds += prompt * slowness.prompt + generation * slowness.generation;
    }
    if (seconds > request.limit_seconds) {
        result = {};
        result.dead = "not done in time";
        seconds = request.limit_seconds;
    }
    result.seconds = seconds;
    return result;
}

class SimulatedMeasurer : public Measurer {
  public:
    SimulatedMeasurer(std::vector<Simulated> candidates, const Recording& recording, std::uint64_t seed)
        : candidates_(std::move(candidates)), noise_(recording, seed) {}
    Result<Measurement> measure(std::size_t candidate, const RunRequest& request) override {
        if (fail_after == 0) return fail(world_error("interrupted", "interrupted"));
        if (fail_after > 0) --fail_after;
        Measurement result = simulate(candidates_.at(candidate), request, noise_);
        clock_ += result.seconds;
        return result;
    }
    double now() override { return clock_; }

    int fail_after = -1;  ///< runs until measure() fails; -1 = never

  private:
    std::vector<Simulated> candidates_;
    Noise noise_;
    double clock_ = 1000;
};

inline std::string noise_file(const std::string& name) {
    return std::string(LLAMA_FLEET_SOURCE_DIR) + "/tests/bench/noise/" + name;
}

}  // namespace lf::bench
