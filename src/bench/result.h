// SPDX-License-Identifier: MIT
/// \file
/// \brief What was measured, with everything needed to judge it: values only, and their JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lf::bench {

inline constexpr int kBenchVersion = 1;

/// One way to run llama.cpp. Two candidates may differ in nothing (an A/A comparison).
struct Candidate {
    std::string name;         ///< "official-default", "plan"; unique in a comparison
    std::string variant;      ///< ggml's CPU variant: "x64", "zen4"; [a-z0-9_]+
    std::string description;  ///< one line for people: "what the official flake builds: SSE2"
    bool operator==(const Candidate&) const = default;
};

/// The two things that are measured, never mixed: reading a prompt and writing an answer.
enum class Test { prompt, generation };
std::string_view name_of(Test test);  ///< "pp", "tg", as llama-bench calls them

/// A mean with its 95 % confidence interval; tokens a second, or a ratio (then without unit).
struct Estimate {
    double mean = 0;
    double low = 0;
    double high = 0;
    bool operator==(const Estimate&) const = default;
};

/// One run of one candidate.
struct Sample {
    std::string candidate;
    int repeat = 0;  ///< from 0; a repeat runs every candidate once
    Test test = Test::prompt;
    double tokens_per_second = 0;
    double load_average = 0;  ///< of one minute, before the run
    bool operator==(const Sample&) const = default;
};

/// What one candidate came to. Fewer than two samples: no interval.
struct Summary {
    std::string candidate;
    Test test = Test::prompt;
    int samples = 0;
    std::optional<Estimate> tokens_per_second;
    bool operator==(const Summary&) const = default;
};

enum class Verdict { faster, slower, cannot_tell };
std::string_view name_of(Verdict verdict);  ///< "faster", "slower", "~"

/// How many times as fast as the first candidate another one is.
struct Comparison {
    std::string candidate;
    std::string baseline;
    Test test = Test::prompt;
    int pairs = 0;  ///< repeats in which both were measured
    Estimate ratio;
    Verdict verdict = Verdict::cannot_tell;
    bool operator==(const Comparison&) const = default;
};

/// Something that could spoil the numbers, or a finding. The remedy is empty where there is none or it is in use.
struct Warning {
    std::string id;  ///< "governor", "load", "virtual-machine", "few-repeats", "sigill", "budget", "interrupted"
    std::string text;
    std::string remedy;
    bool operator==(const Warning&) const = default;
};

/// The build that ran.
struct Build {
    std::string source;                           ///< "Debian sid"
    std::map<std::string, std::string> packages;  ///< name → version, from the stamp: "llama.cpp-tools" …
    std::string commit;                           ///< llama-bench's own word: build_commit
    std::int64_t number = 0;                      ///< build_number
    bool operator==(const Build&) const = default;
};

struct Model {
    std::string description;  ///< "synthetic llama 0.12B Q4_K_M, random weights"
    std::string type;         ///< llama-bench's word for it: "llama ?B Q4_K - Medium"
    std::int64_t parameters = 0;
    std::int64_t bytes = 0;
    bool synthetic = true;
    bool operator==(const Model&) const = default;
};

struct Conditions {
    std::string cpu;  ///< name of the CPU, as llama-bench says it
    int cpus = 0;     ///< that this process may use
    int threads = 0;
    std::optional<std::string> governor;
    std::optional<bool> virtual_machine;
    std::optional<double> load_average;  ///< of one minute, before the first run
    bool operator==(const Conditions&) const = default;
};

struct BenchResult {
    std::string host;                   ///< name in the fleet
    std::vector<Candidate> candidates;  ///< the first is the baseline
    Build build;
    Model model;
    Conditions conditions;
    int prompt_tokens = 0;
    int generated_tokens = 0;
    int repeats_wanted = 0;
    bool complete = false;  ///< false while runs are missing (also in a file left by a crash)
    double seconds = 0;     ///< spent running llama-bench
    std::vector<Sample> samples;
    std::vector<Summary> summaries;
    std::vector<Comparison> comparisons;
    std::vector<Warning> warnings;
    std::vector<std::string> commands;  ///< one a candidate, to repeat it by hand
    bool operator==(const BenchResult&) const = default;
};

/// Fills in summaries and comparisons from the samples.
void summarize(BenchResult& result);

/// Schema "llama-fleet/bench", version kBenchVersion; deterministic bytes.
std::string to_json(const BenchResult& result);
Result<BenchResult> from_json(std::string_view text, const std::string& file);

}  // namespace lf::bench
