// SPDX-License-Identifier: MIT
#include "bench/run_once.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/text.h"

namespace lf::bench {
namespace {

constexpr std::string_view kNotSupported = "is not supported on this system";

struct Sign {
    std::string_view words;  ///< as the program says them
    Failure failure;
};
// The first that is found in what it said on standard error. Where they come from: ggml-backend-reg.cpp,
// llama-bench.cpp, llama-model-loader.cpp, ggml-backend.cpp, ggml-cuda.cu, ggml-vulkan.cpp, the loader of the C
// library.
constexpr Sign kSigns[] = {
    {kNotSupported, Failure::unsupported},
    {"invalid device:", Failure::unsupported},
    {"failed to allocate", Failure::out_of_memory},
    {"unable to allocate", Failure::out_of_memory},
    {"out of memory", Failure::out_of_memory},
    {"OutOfDeviceMemory", Failure::out_of_memory},
    {"OutOfHostMemory", Failure::out_of_memory},
    {"std::bad_alloc", Failure::out_of_memory},
    {"no backends are loaded", Failure::unsupported},
    {"backend is not loaded", Failure::unsupported},
    {"failed to load model", Failure::model_refused},
    {"error loading model", Failure::model_refused},
};

RunFailure failed(Failure failure, std::string text) { return {failure, std::move(text)}; }

std::string_view line_with(std::string_view text, std::string_view words) {
    for (const std::string_view line : lines(text))
        if (line.find(words) != std::string_view::npos) return trim(line);
    return {};
}

std::string signal_name(int signal) {
    const char* name = ::sigabbrev_np(signal);
    return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

std::string last_word(const Finished& finished) {
    const std::string word = telling_line(finished.err);
    return word.empty() ? "it said nothing" : word;
}

/// In our words where theirs are a path.
std::string said(const LlamaBenchRun& run, const Finished& finished, const Sign& sign, std::string_view line) {
    if (sign.words == kNotSupported && run.cpu_variant)
        return fmt::format("ggml says that its CPU variant {} is not supported on this system", *run.cpu_variant);
    if (sign.failure == Failure::model_refused)  // the reason stands in a line before
        return fmt::format("llama-bench says: {}", last_word(finished));
    return fmt::format("llama-bench says: {}", printable(line).substr(0, 300));
}

/// Of a run that did not end well.
RunFailure why_it_failed(const LlamaBenchRun& run, const Finished& finished) {
    const int signal = signal_of(finished);
    if (signal == SIGILL)
        return failed(Failure::illegal_instruction,
                      "llama-bench was ended by SIGILL: it has instructions that this CPU lacks");
    if (signal == SIGKILL)
        return failed(Failure::out_of_memory,
                      "llama-bench was killed (SIGKILL): the kernel does that when memory runs out");
    for (const Sign& sign : kSigns)
        if (const auto line = line_with(finished.err, sign.words); !line.empty())
            return failed(sign.failure, said(run, finished, sign, line));
    if (signal != 0)
        return failed(Failure::crashed,
                      fmt::format("llama-bench was ended by {}: {}", signal_name(signal), last_word(finished)));
    return failed(Failure::crashed,
                  fmt::format("llama-bench ended with {}: {}", finished.exit_code, last_word(finished)));
}

std::string or_nothing(const std::vector<std::string>& names) { return names.empty() ? "none" : join(names, " "); }

/// Exactly the wanted variant must have been loaded, or the numbers belong to another one.
bool right_variant(const LlamaBenchRun& run, const std::vector<std::string>& loaded) {
    if (run.cpu_variant) return loaded.size() == 1 && loaded.front() == *run.cpu_variant;
    return loaded.size() <= 1;
}

/// The tests in the order of prompt and generation, or what is wrong with them.
tl::expected<std::vector<LlamaBenchTest>, std::string> wanted_tests(const LlamaBenchRun& run,
                                                                    std::vector<LlamaBenchTest> tests) {
    std::vector<std::string> wanted;
    if (run.prompt_tokens > 0) wanted.push_back(test_name(run.prompt_tokens, 0, run.depth));
    if (run.generated_tokens > 0) wanted.push_back(test_name(0, run.generated_tokens, run.depth));
    std::vector<LlamaBenchTest> found;
    for (const std::string& name : wanted) {
        const auto is_it = [&](const LlamaBenchTest& test) { return test.name == name; };
        const auto at = std::find_if(tests.begin(), tests.end(), is_it);
        if (at == tests.end()) return tl::unexpected(fmt::format("llama-bench measured no {}", name));
        if (static_cast<int>(at->tokens_per_second.size()) != run.repetitions)
            return tl::unexpected(fmt::format("llama-bench measured {} {} times, not {}", name,
                                              at->tokens_per_second.size(), run.repetitions));
        found.push_back(*at);
    }
    if (tests.size() != wanted.size())
        return tl::unexpected(fmt::format("llama-bench printed {} tests, not {}", tests.size(), wanted.size()));
    return found;
}

}  // namespace

std::string_view id_of(Failure failure) {
    switch (failure) {
        case Failure::illegal_instruction: return "sigill";
        case Failure::unsupported: return "unsupported";
        case Failure::out_of_memory: return "out-of-memory";
        case Failure::model_refused: return "model";
        case Failure::crashed: return "crash";
        case Failure::hung: return "hung";
        case Failure::rubbish: return "output";
        case Failure::wrong_variant: return "variant";
    }
    return "crash";
}

RunOutcome judge_run(const LlamaBenchRun& run, const Finished& finished) {
    // Nobody but the loader names it, and only to say that it goes on without.
    if (const auto line = line_with(finished.err, kShimName); !line.empty())
        return tl::unexpected(failed(Failure::wrong_variant,
                                     fmt::format("the backends cannot be pinned: {}", printable(line).substr(0, 300))));
    if (finished.signal != 0 || finished.exit_code != 0) return tl::unexpected(why_it_failed(run, finished));
    const auto variants = loaded_variants(finished.err);
    if (!right_variant(run, variants))
        return tl::unexpected(failed(Failure::wrong_variant,
                                     fmt::format("the CPU variant {} was asked for, but ggml loaded {}",
                                                 run.cpu_variant.value_or("of its own choice"), or_nothing(variants))));
    auto tests = parse_llama_bench(finished.out);
    if (!tests) return tl::unexpected(failed(Failure::rubbish, tests.error().message));
    auto wanted = wanted_tests(run, std::move(*tests));
    if (!wanted) return tl::unexpected(failed(Failure::rubbish, wanted.error()));
    RunOutput output;
    output.tests = std::move(*wanted);
    if (!variants.empty()) output.cpu_variant = variants.front();
    output.backends = loaded_backends(finished.err);
    output.seconds = finished.seconds;
    output.max_rss_kib = finished.max_rss_kib;
    return output;
}

Result<RunOutcome> run_llama_bench(const InstalledBuild& build, const LlamaBenchRun& run, const Scratch& scratch,
                                   std::chrono::milliseconds time_limit, ProcessRunner& processes) {
    auto command = llama_bench_command(build, run, scratch);
    if (!command) return tl::unexpected(failed(Failure::unsupported, command.error().message));
    command->time_limit = time_limit;
    const auto finished = processes.run(*command);
    if (finished) return judge_run(run, *finished);
    const std::string& id = finished.error().id;
    if (id == "program-timeout")
        return tl::unexpected(failed(Failure::hung, fmt::format("llama-bench did not end within {:.0f} s",
                                                                std::chrono::duration<double>(time_limit).count())));
    if (id == "program-output-limit")
        return tl::unexpected(failed(Failure::rubbish, "llama-bench printed without an end"));
    return fail(finished.error());
}

}  // namespace lf::bench
