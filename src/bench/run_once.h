// SPDX-License-Identifier: MIT
/// \file
/// \brief One run of llama-bench, and what went wrong with it, told apart.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/installed.h"
#include "bench/llama_bench.h"

namespace lf::bench {

/// Findings about a candidate. Only `hung` may also be the fault of a limit that is too short.
enum class Failure {
    illegal_instruction,  ///< SIGILL: it has instructions that this CPU lacks
    unsupported,          ///< it says itself that it cannot run here, or has no such device, backend or option
    out_of_memory,        ///< killed by the kernel, or an allocation failed
    model_refused,        ///< it cannot load the model
    crashed,              ///< ended otherwise
    hung,                 ///< no end within the limit
    rubbish,              ///< no measurement in its output, or not the one that was asked for
    wrong_variant,        ///< another CPU variant was loaded than asked for: the numbers belong to that one
};

/// Stable, for scripts: "sigill", "unsupported", "out-of-memory", "model", "crash", "hung", "output", "variant".
std::string_view id_of(Failure failure);

struct RunFailure {
    Failure failure = Failure::crashed;
    std::string text;  ///< a sentence for people, without full stop: "llama-bench was ended by SIGILL: …"
};

struct RunOutput {
    std::vector<LlamaBenchTest> tests;  ///< the prompt's first, as far as asked for
    std::string cpu_variant;            ///< that ggml loaded; "" = it has none, or did not say
    std::vector<LoadedBackend> backends;
    double seconds = 0;    ///< wall time of the program
    long max_rss_kib = 0;  ///< its largest resident size
};

/// Either what was measured or why not.
using RunOutcome = tl::expected<RunOutput, RunFailure>;

/// What a finished run says. Pure.
RunOutcome judge_run(const LlamaBenchRun& run, const Finished& finished);

/// Runs llama-bench once. Errors only where the run says nothing about the candidate: "interrupted",
/// "program-missing" (the program has gone), and no process or memory left to start it.
Result<RunOutcome> run_llama_bench(const InstalledBuild& build, const LlamaBenchRun& run, const Scratch& scratch,
                                   std::chrono::milliseconds time_limit, ProcessRunner& processes);

}  // namespace lf::bench
