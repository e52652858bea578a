// SPDX-License-Identifier: MIT
/// \file
/// \brief llama-bench: its command line and its output (`-o json`), which is read as hostile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/packages.h"
#include "bench/result.h"

namespace lf::bench {

struct LlamaBenchRun {
    std::string model;
    int threads = 1;
    int prompt_tokens = 0;     ///< 0 = not measured
    int generated_tokens = 0;  ///< 0 = not measured
};

/// One element of the JSON array.
struct LlamaBenchTest {
    Test test = Test::prompt;
    int tokens = 0;
    double tokens_per_second = 0;  ///< mean of its own repeats; we ask for one
    std::string build_commit;
    std::int64_t build_number = 0;
    std::string cpu;
    std::string model_type;
    std::int64_t model_parameters = 0;
    std::int64_t model_bytes = 0;
};

/// The command that runs llama-bench with the libraries and through the loader of `packages`. `run_directory` holds
/// the one CPU variant that it may find and becomes the working folder. `hide` is a folder of the machine that it must
/// not see ("" = none): the run directory is mounted over it in a name space of its own (unshare, also as a plain
/// user).
Command llama_bench_command(const Packages& packages, const LlamaBenchRun& run, const std::string& run_directory,
                            const std::string& hide);

/// Reads what llama-bench printed. Errors: "bench-output".
Result<std::vector<LlamaBenchTest>> parse_llama_bench(std::string_view json);

/// The CPU variants that ggml says it loaded ("load_backend: loaded CPU backend from …/libggml-cpu-zen4.so").
std::vector<std::string> loaded_variants(std::string_view stderr_text);

}  // namespace lf::bench
