// SPDX-License-Identifier: MIT
/// \file
/// \brief What was measured to be the fastest on a machine: one more fact, which `bench --choose` writes and the plan
/// reads. It stands as "choice" in llama-fleet/bench/<host>.json; the rest of that file is the evidence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lf::facts {

/// Of the file that a choice stands in.
inline constexpr std::string_view kBenchSchema = "llama-fleet/bench";
inline constexpr int kBenchVersion = 2;

/// A value with its 95 % confidence interval; tokens a second, or a ratio (then without unit).
struct Estimate {
    double mean = 0;
    double low = 0;
    double high = 0;
    bool operator==(const Estimate&) const = default;
};

/// What the owner wants fast. The score of a candidate is prompt^prompt_weight · generation^generation_weight, of
/// speeds in tokens a second.
struct Objective {
    double prompt_weight = 0.5;
    double generation_weight = 0.5;
    std::optional<std::int64_t> memory_ceiling_mib;  ///< of resident memory; candidates above it are left out
    bool operator==(const Objective&) const = default;
};

/// The winner against the default (run-time dispatch with llama.cpp's own parameters), measured again in turn.
struct Choice {
    std::string candidate;                   ///< its name in the result
    std::string default_candidate;           ///< what it was measured against
    std::optional<std::string> cpu_variant;  ///< ggml's CPU variant that it runs; nullopt = built without variants
    std::string default_variant;             ///< what run-time dispatch loads on this machine; "" = not known
    std::string backend = "cpu";             ///< "cpu", "cuda", "rocm", "vulkan"; "other" = one that no package has
    std::string device = "none";             ///< as llama.cpp names it: "none", "CUDA0", "Vulkan0"
    std::vector<std::string> backends;       ///< of all candidates that could be measured, sorted: "cpu", "vulkan"
    std::string verdict = "~";               ///< of the score against the default: "faster", or "~" = cannot tell
    Objective objective;
    int pairs = 0;                   ///< rounds of the last comparison in which both were measured
    std::optional<Estimate> score;   ///< ratios to the default; nullopt where the default itself was chosen
    std::optional<Estimate> prompt;  ///< or too little was measured
    std::optional<Estimate> generation;
    std::vector<std::string> server_arguments;  ///< run-time parameters for llama-server: "--threads", "8"
    std::string model;                          ///< in words
    std::string revision;                       ///< the build, in words: "Debian sid's llama.cpp 1:0.7.0, build 11669"
    std::string cpu;                            ///< the CPU that it was measured on, as llama-bench names it
    bool operator==(const Choice&) const = default;
};

/// One object, deterministic bytes, every field present.
std::string to_json(const Choice& choice);
/// Errors: those of base/json.h; "bench-choice" for words that no choice can have. `file` is named in errors only.
Result<Choice> choice_from_json(std::string_view text, const std::string& file);

/// The choice in a result file of bench; nullopt if the file has none (bench without --choose). Everything else in it
/// is left unread. Errors: as above, "schema-name", "schema-version".
Result<std::optional<Choice>> choice_from_bench(std::string_view text, const std::string& file);

}  // namespace lf::facts
