// SPDX-License-Identifier: MIT
/// \file
/// \brief llama-bench: its command line and its output (`-o json`), which is read as hostile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "bench/installed.h"
#include "bench/pinning.h"

namespace lf::bench {

/// What llama.cpp can be told when it starts. The defaults leave everything to llama-bench.
struct Parameters {
    int threads = 0;              ///< 0 = not given
    int ubatch = 0;               ///< 0 = not given
    std::string flash_attention;  ///< "" = not given, "on", "off", "auto"
    int gpu_layers = -1;          ///< -1 = not given
    bool operator==(const Parameters&) const = default;
};

struct LlamaBenchRun {
    std::string model;
    std::optional<std::string> cpu_variant;  ///< none: ggml takes the one that it thinks best
    /// "" = ggml's choice of all that is installed, or with a cpu_variant the CPU alone; "none" = the CPU alone;
    /// "Vulkan0", "CUDA0" = that one, and no other backend is loaded (where backends are files).
    std::string device;
    bool blas = false;  ///< with a device or a variant named: load the BLAS backend too
    Parameters parameters;
    int prompt_tokens = 0;     ///< 0 = not measured
    int generated_tokens = 0;  ///< 0 = not measured
    int depth = 0;             ///< tokens in the context before the test
    int repetitions = 1;
    bool warm_up = false;
};

/// One element of the JSON array.
struct LlamaBenchTest {
    std::string name;  ///< as llama-bench prints it: "pp128", "tg32", "pp128 @ d4096"
    int prompt_tokens = 0;
    int generated_tokens = 0;
    int depth = 0;
    std::vector<double> tokens_per_second;  ///< of each repetition, in their order
    std::string build_commit;
    std::int64_t build_number = 0;
    std::string cpu;
    std::string gpu;
    std::string backends;  ///< "CPU", "Vulkan", "BLAS"
    std::string devices;   ///< what -dev came to; "" in versions without
    std::string model_type;
    std::int64_t model_parameters = 0;
    std::int64_t model_bytes = 0;
    int threads = 0;
    int ubatch = 0;
    std::string flash_attention;  ///< "on", "off", "auto"; "" if not told
};

/// "pp128", "tg32", "pp128 @ d4096".
std::string test_name(int prompt_tokens, int generated_tokens, int depth);

/// What starts this llama-bench, without options, in a known surrounding.
Command start_command(const InstalledBuild& build);

/// The same, so that ggml finds all backends of the installation: for anything that is not a measurement.
Result<Command> start_command_for_all(const InstalledBuild& build, const Scratch& scratch);

/// The whole command. Errors: "bench-option": this llama-bench or this build cannot do what is asked; that is a finding
/// about the candidate.
Result<Command> llama_bench_command(const InstalledBuild& build, const LlamaBenchRun& run, const Scratch& scratch);

/// The same as one line for a shell. It works as long as the folder of `scratch` is there.
std::string shown_command(const Command& command);

/// Reads what llama-bench printed. Errors: "bench-output".
Result<std::vector<LlamaBenchTest>> parse_llama_bench(std::string_view json);

/// "load_backend: loaded CPU backend from /…/libggml-cpu-zen4.so"
struct LoadedBackend {
    std::string name;  ///< "CPU", "Vulkan"
    std::string file;
};
std::vector<LoadedBackend> loaded_backends(std::string_view stderr_text);
/// The CPU variants among them, each once; "" for a libggml-cpu.so.
std::vector<std::string> loaded_variants(std::string_view stderr_text);

/// The signal that ended a program, also where a shell around it says so (132 = SIGILL); 0 = none.
int signal_of(const Finished& finished);

/// The line of an output that says best why it went wrong, fit for a terminal; "" if none does.
std::string telling_line(std::string_view stderr_text);

}  // namespace lf::bench
