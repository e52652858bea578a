// SPDX-License-Identifier: MIT
/// \file
/// \brief What was measured, with everything needed to judge and to repeat it: values only, and their JSON.
///
/// `runs` is the record, in the order in which it was made. A measurement that was broken off is taken up by asking the
/// same questions again and answering from the record as far as it goes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "facts/choice.h"

namespace lf::bench {

using facts::Choice;
using facts::Estimate;
using facts::Objective;

/// One way to run llama.cpp. Two candidates may differ in nothing (an A/A comparison).
struct Candidate {
    std::string name;                        ///< "official-default", "dispatch", "haswell"; unique in a result
    std::string build;                       ///< Build::name
    std::optional<std::string> cpu_variant;  ///< ggml's CPU variant, alone; nullopt = what the build itself takes
    std::string device = "none";             ///< "none" = CPU only, "Vulkan0"; "" = ggml's own choice
    int threads = 0;                         ///< 0 = llama.cpp's own: one a physical core
    int ubatch = 0;                          ///< 0 = llama.cpp's own
    std::string flash_attention;             ///< "on", "off", "auto"; "" = llama.cpp's own
    std::string description;                 ///< one line for people: "what the official flake builds: SSE2"
    bool operator==(const Candidate&) const = default;
};

enum class TestKind { prompt, generation };

/// What llama-bench measures, and what it calls it: "pp128", "tg32", "pp128 @ d4096".
struct Test {
    TestKind kind = TestKind::prompt;
    int tokens = 0;
    int depth = 0;  ///< tokens of context before the test
    bool operator==(const Test&) const = default;
    bool operator<(const Test& other) const {
        return std::tie(kind, tokens, depth) < std::tie(other.kind, other.tokens, other.depth);
    }
};
std::string name_of(const Test& test);
std::optional<Test> parse_test(std::string_view name);

/// Speeds in tokens a second, one a repetition inside the run.
struct Speeds {
    Test test;
    std::vector<double> tokens_per_second;
    bool operator==(const Speeds&) const = default;
};

/// One process of llama-bench.
struct Run {
    std::string candidate;
    std::string phase;    ///< what it was for: "trial", "round 3", "rung 1", "final 2"
    int round = 0;        ///< from 0 within the phase's comparison; runs of one round are compared with each other
    bool counts = false;  ///< taken into summaries and comparisons (trials and rungs are not)
    std::string test;     ///< asked for: "pp128 tg32", "pp128 tg32 @ d4096"
    double at = 0;        ///< seconds since the first run began, without those in which nothing ran
    double seconds = 0;   ///< that it took
    std::vector<Speeds> speeds;
    std::string loaded_variant;              ///< ggml's CPU variant that it loaded; "" = compiled in, or not told
    int threads = 0;                         ///< that llama-bench says it used; 0 = not told
    std::optional<std::int64_t> memory_mib;  ///< largest resident memory
    std::optional<double> load_average;      ///< of one minute, before it
    std::string failure;                     ///< why there are no speeds: "sigill", "hung", "output" …
    std::string failure_text;                ///< the same in a sentence
    bool operator==(const Run&) const = default;
};

/// What one candidate came to in one test. Fewer than three samples: no interval.
struct Summary {
    std::string candidate;
    Test test;
    int samples = 0;
    std::vector<double> values;    ///< tokens a second, one a run, in order
    std::vector<double> outliers;  ///< those of them that stand out; they are counted like the others
    std::optional<Estimate> tokens_per_second;
    bool operator==(const Summary&) const = default;
};

enum class Verdict { faster, slower, cannot_tell };
std::string_view name_of(Verdict verdict);  ///< "faster", "slower", "~"

/// How many times as fast as the first candidate another one is.
struct Comparison {
    std::string candidate;
    std::string baseline;
    Test test;
    int pairs = 0;  ///< rounds in which both were measured
    Estimate ratio;
    Verdict verdict = Verdict::cannot_tell;
    bool operator==(const Comparison&) const = default;
};

/// A candidate that could not be measured: a finding, not an error.
struct Finding {
    std::string candidate;
    std::string id;    ///< "sigill", "unsupported", "out-of-memory", "crash", "hung", "output", "software-device"
    std::string text;  ///< "the variant sapphirerapids cannot run on this CPU (illegal instruction)"
    bool operator==(const Finding&) const = default;
};

/// Something that could spoil the numbers. The remedy is empty where there is none or it is in use.
struct Warning {
    std::string id;  ///< "governor", "load", "virtual-machine", "throttled", "budget", "interrupted" …
    std::string text;
    std::string remedy;
    bool operator==(const Warning&) const = default;
};

/// A build that ran.
struct Build {
    std::string name;                             ///< "debian-sid"
    std::string source;                           ///< for people: "Debian sid", a store path
    std::map<std::string, std::string> packages;  ///< name → version, where a package manager knows: "libggml0" …
    std::string commit;                           ///< llama-bench's own word: build_commit
    std::int64_t number = 0;                      ///< build_number
    bool operator==(const Build&) const = default;
};

struct Model {
    std::string description;  ///< "synthetic llama 0.3B Q4_K_M, random weights"
    std::string type;         ///< llama-bench's word for it: "llama ?B Q4_K - Medium"
    std::int64_t parameters = 0;
    std::int64_t bytes = 0;
    bool synthetic = true;
    bool operator==(const Model&) const = default;
};

/// The machine while it was measured. nullopt = could not be read.
struct Conditions {
    std::string cpu;  ///< name of the CPU, as llama-bench says it
    std::string gpu;  ///< names of the GPUs, as llama-bench says them; "" = none
    int cpus = 0;     ///< that this process may use
    int cores = 0;    ///< physical ones among them
    std::optional<std::string> governor;
    std::optional<std::string> power_profile;  ///< platform_profile or energy_performance_preference
    std::optional<bool> virtual_machine;
    std::optional<bool> on_battery;
    std::optional<double> load_average;                ///< of one minute, before the first run
    std::optional<std::int64_t> memory_mib;            ///< MemTotal
    std::optional<std::int64_t> memory_available_mib;  ///< before the first run
    std::optional<std::int64_t> throttle_events;       ///< of the CPU while it was measured
    std::optional<double> memory_pressure;             ///< "some avg60" of /proc/pressure/memory, percent, the largest
    std::optional<double> swapped_mib;                 ///< swapped in while it was measured
    std::optional<double> other_cpu_share;             ///< of all CPUs, used by others while it was measured: 0 to 1
    std::vector<std::string> busy_programs;            ///< others that used much of it and still run: "clangd (31 s)"
    bool operator==(const Conditions&) const = default;
};

/// A step of the search of --choose.
struct RungEntry {
    std::string candidate;
    std::optional<double> score;  ///< relative to the fastest of the rung: 1 = as fast
    int samples = 0;
    std::string dropped;  ///< why it went no further; "" = it went on
    bool operator==(const RungEntry&) const = default;
};
struct RungRecord {
    std::string name;  ///< "variants and devices: pp16, tg4"
    std::vector<RungEntry> entries;
    bool operator==(const RungRecord&) const = default;
};

struct BenchResult {
    std::string host;                   ///< name in the fleet
    std::string question;               ///< what was asked for: "compare pp128 tg32 @ 0,4096", "choose pp128 tg32 …"
    std::vector<Candidate> candidates;  ///< the first is the baseline
    std::vector<Build> builds;
    Model model;
    Conditions conditions;
    std::uint64_t seed = 0;       ///< of the order of runs
    bool complete = false;        ///< false while runs are missing (also in a file left by a crash)
    double seconds = 0;           ///< spent running llama-bench
    double overhead_seconds = 0;  ///< spent by llama-fleet itself between the runs
    std::vector<Run> runs;
    std::vector<Finding> findings;
    std::vector<RungRecord> rungs;  ///< of --choose
    std::optional<Choice> choice;   ///< of --choose
    std::vector<Summary> summaries;
    std::vector<Comparison> comparisons;
    std::vector<Warning> warnings;
    std::vector<std::string> commands;  ///< one a candidate, to repeat it by hand
    bool operator==(const BenchResult&) const = default;
};

/// Fills in the summaries from the runs that count. Comparisons are the comparing code's: their intervals allow for how
/// often it looked.
void summarize(BenchResult& result);

/// Schema facts::kBenchSchema, version facts::kBenchVersion; deterministic bytes. Files of version 1 are refused by
/// name.
std::string to_json(const BenchResult& result);
Result<BenchResult> from_json(std::string_view text, const std::string& file);

}  // namespace lf::bench
