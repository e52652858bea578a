// SPDX-License-Identifier: MIT
#include "bench/llama_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/json.h"
#include "base/text.h"
#include "bench/result.h"

namespace lf::bench {
namespace {

constexpr std::size_t kMostTests = 64;
constexpr std::size_t kMostSamples = 10'000;
constexpr double kFastest = 1e9;  // tokens a second; more is not a measurement
constexpr std::int64_t kMostTokens = 100'000'000;
constexpr int kLastSignal = 64;

// What would load other backends or libraries, or set other numbers of threads than we ask for.
constexpr std::string_view kWithout[] = {
    "GGML_BACKEND_PATH", "LD_PRELOAD",        kBackendsVariable, "OMP_NUM_THREADS",   "OMP_PROC_BIND",
    "OMP_PLACES",        "GOMP_CPU_AFFINITY", "OMP_WAIT_POLICY", "LLAMA_ARG_THREADS", "GLIBC_TUNABLES",
};

Error output_error(std::string message) {
    return world_error("bench-output", std::move(message), "run the shown command by hand to see what it prints");
}
Error option_error(const InstalledBuild& build, std::string_view what) {
    return world_error("bench-option", fmt::format("the llama-bench of {} {}", build.name, what),
                       "take a newer llama.cpp");
}

// ---- output -------------------------------------------------------------------------------------------------------

/// A field of a foreign object, of the wanted kind, or nothing.
std::optional<double> number(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const double value = found->get<double>();
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}
std::int64_t whole(const Json& object, const char* key) {
    const double value = number(object, key).value_or(0);
    return value >= 0 && value < 9e15 ? static_cast<std::int64_t>(value) : 0;
}
int small(const Json& object, const char* key) {
    return static_cast<int>(std::min<std::int64_t>(whole(object, key), kMostTokens + 1));
}
std::string word(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return printable(found->get<std::string>()).substr(0, 120);
}
/// true and false in older versions, then 0 and 1, then -1 for auto too.
std::string flash_attention(const Json& object) {
    const auto found = object.find("flash_attn");
    if (found == object.end()) return {};
    if (found->is_boolean()) return found->get<bool>() ? "on" : "off";
    if (found->is_string()) return word(object, "flash_attn");
    const auto value = number(object, "flash_attn");
    if (!value) return {};
    return *value < 0 ? "auto" : *value > 0 ? "on" : "off";
}

Result<std::vector<double>> samples(const Json& object) {
    const auto found = object.find("samples_ts");
    if (found == object.end() || !found->is_array() || found->empty() || found->size() > kMostSamples)
        return fail(output_error("llama-bench printed no list of speeds"));
    std::vector<double> speeds;
    for (const Json& sample : *found) {
        const double speed = sample.is_number() ? sample.get<double>() : 0;
        if (!(speed > 0) || speed > kFastest)
            return fail(output_error("llama-bench printed no possible number of tokens per second"));
        speeds.push_back(speed);
    }
    return speeds;
}

Result<LlamaBenchTest> read_test(const Json& object) {
    if (!object.is_object()) return fail(output_error("llama-bench printed something that is not a test"));
    LlamaBenchTest test;
    test.prompt_tokens = small(object, "n_prompt");
    test.generated_tokens = small(object, "n_gen");
    test.depth = small(object, "n_depth");
    if (test.prompt_tokens + test.generated_tokens == 0 || test.prompt_tokens > kMostTokens ||
        test.generated_tokens > kMostTokens || test.depth > kMostTokens)
        return fail(output_error("llama-bench printed a test of no possible number of tokens"));
    test.name = test_name(test.prompt_tokens, test.generated_tokens, test.depth);
    LF_ASSIGN(test.tokens_per_second, samples(object));
    test.build_commit = word(object, "build_commit");
    test.build_number = whole(object, "build_number");
    test.cpu = word(object, "cpu_info");
    test.gpu = word(object, "gpu_info");
    test.backends = word(object, "backends");
    test.devices = word(object, "devices");
    test.model_type = word(object, "model_type");
    test.model_parameters = whole(object, "model_n_params");
    test.model_bytes = whole(object, "model_size");
    test.threads = small(object, "n_threads");
    test.ubatch = small(object, "n_ubatch");
    test.flash_attention = flash_attention(object);
    return test;
}

// ---- command ------------------------------------------------------------------------------------------------------

void preload(Command& command, const Scratch& scratch, const std::string& backends) {
    command.directory = scratch.folder;  // the shim is named from there: LD_PRELOAD takes no blanks
    command.environment["LD_PRELOAD"] = fmt::format("./{}", kShimName);
    command.environment[kBackendsVariable] = backends;
}

/// Adds options to a command.
class Options {
  public:
    explicit Options(std::vector<std::string>& argv) : argv_(argv) {}
    void add(std::string_view option) { argv_.emplace_back(option); }
    void add(std::string_view option, std::string value) {
        argv_.emplace_back(option);
        argv_.push_back(std::move(value));
    }
    void add(std::string_view option, int value) { add(option, std::to_string(value)); }

  private:
    std::vector<std::string>& argv_;
};

Done add_flash_attention(const InstalledBuild& build, const std::string& wanted, Options& options) {
    if (wanted.empty()) return {};
    if (build.options.flash_attention_words) {
        options.add("-fa", wanted);
    } else if (wanted == "auto") {
        return fail(option_error(build, "has no -fa auto"));
    } else {
        options.add("-fa", wanted == "on" ? 1 : 0);
    }
    return {};
}

/// `only_cpu`: no other backend is loaded, so nothing else can be taken.
Done add_device(const InstalledBuild& build, const LlamaBenchRun& run, bool only_cpu, Options& options) {
    if (run.device.empty()) return {};
    if (build.options.device) {
        options.add("-dev", run.device);
    } else if (run.device != "none") {
        return fail(option_error(build, "cannot be told a device"));
    } else if (!only_cpu) {
        options.add("-ngl", 0);
    }
    return {};
}

Done add_options(const InstalledBuild& build, const LlamaBenchRun& run, bool only_cpu, Options options) {
    std::error_code error;
    const std::filesystem::path model = std::filesystem::absolute(run.model, error);
    options.add("-m", error ? run.model : model.string());
    options.add("-p", run.prompt_tokens);
    options.add("-n", run.generated_tokens);
    if (run.depth > 0 && !build.options.depth) return fail(option_error(build, "has no -d, a depth of the context"));
    if (run.depth > 0) options.add("-d", run.depth);
    if (run.parameters.threads > 0) options.add("-t", run.parameters.threads);
    if (run.parameters.ubatch > 0) options.add("-ub", run.parameters.ubatch);
    if (run.parameters.gpu_layers >= 0) options.add("-ngl", run.parameters.gpu_layers);
    LF_TRY(add_flash_attention(build, run.parameters.flash_attention, options));
    LF_TRY(add_device(build, run, only_cpu, options));
    options.add("-r", run.repetitions);
    if (!run.warm_up && build.options.no_warmup) options.add("--no-warmup");
    options.add("-o", "json");
    return {};
}

}  // namespace

std::string test_name(int prompt_tokens, int generated_tokens, int depth) {
    const Test generation{TestKind::generation, generated_tokens, depth};
    if (prompt_tokens == 0) return name_of(generation);
    const Test prompt{TestKind::prompt, prompt_tokens, depth};
    if (generated_tokens == 0) return name_of(prompt);
    return fmt::format("pp{}+{}", prompt_tokens, name_of(generation));
}

Command start_command(const InstalledBuild& build) {
    Command command;
    command.argv = build.start;
    command.environment = build.environment;
    command.environment["LC_ALL"] = "C";
    command.without.assign(std::begin(kWithout), std::end(kWithout));
    // Another loader's program must not meet the machine's libraries; an own build may need what its owner set.
    if (build.own_loader) command.without.emplace_back("LD_LIBRARY_PATH");
    command.output_limit = std::size_t{1} << 20;
    return command;
}

Result<Command> start_command_for_all(const InstalledBuild& build, const Scratch& scratch) {
    Command command = start_command(build);
    LF_ASSIGN(const auto backends, backends_to_load(build, {}, scratch));
    if (backends) preload(command, scratch, *backends);
    return command;
}

Result<Command> llama_bench_command(const InstalledBuild& build, const LlamaBenchRun& run, const Scratch& scratch) {
    Command command = start_command(build);
    LF_ASSIGN(const auto backends, backends_to_load(build, run, scratch));
    if (backends) preload(command, scratch, *backends);
    const bool only_cpu = backends && run.device == "none" && !run.blas;
    LF_TRY(add_options(build, run, only_cpu, Options(command.argv)));
    return command;
}

std::string shown_command(const Command& command) {
    std::string line;
    if (!command.directory.empty()) line = fmt::format("cd {} && ", shell_word(command.directory));
    std::vector<std::string> words{"env"};
    for (const auto& [name, value] : command.environment) words.push_back(fmt::format("{}={}", name, value));
    words.insert(words.end(), command.argv.begin(), command.argv.end());
    return line + shell_command(words);
}

Result<std::vector<LlamaBenchTest>> parse_llama_bench(std::string_view text) {
    auto json = parse_json(text, "llama-bench");
    if (!json) {
        Error error = output_error("llama-bench printed something that is not JSON");
        error.causes.push_back(std::move(json.error()));
        return fail(std::move(error));
    }
    if (!json->is_array() || json->empty() || json->size() > kMostTests)
        return fail(output_error("llama-bench printed no list of tests"));
    std::vector<LlamaBenchTest> tests;
    for (const Json& object : *json) {
        LF_ASSIGN(LlamaBenchTest test, read_test(object));
        tests.push_back(std::move(test));
    }
    return tests;
}

std::vector<LoadedBackend> loaded_backends(std::string_view text) {
    constexpr std::string_view kLoaded = "load_backend: loaded ";
    constexpr std::string_view kFrom = " backend from ";
    std::vector<LoadedBackend> loaded;
    for (const std::string_view line : lines(text)) {
        const std::size_t from = line.find(kFrom);
        if (!line.starts_with(kLoaded) || from == std::string_view::npos || from < kLoaded.size()) continue;
        loaded.push_back({printable(line.substr(kLoaded.size(), from - kLoaded.size())),
                          std::string(trim(line.substr(from + kFrom.size())))});
    }
    return loaded;
}

std::vector<std::string> loaded_variants(std::string_view text) {
    constexpr std::string_view kName = "libggml-cpu";
    constexpr std::string_view kEnd = ".so";
    std::vector<std::string> variants;
    for (const LoadedBackend& backend : loaded_backends(text)) {
        const std::string file = std::filesystem::path(backend.file).filename().string();
        if (!file.starts_with(kName) || !file.ends_with(kEnd) || file.size() < kName.size() + kEnd.size()) continue;
        std::string name = file.substr(kName.size(), file.size() - kName.size() - kEnd.size());
        if (name.starts_with('-')) name.erase(0, 1);
        name = printable(name);
        if (std::find(variants.begin(), variants.end(), name) == variants.end()) variants.push_back(std::move(name));
    }
    return variants;
}

int signal_of(const Finished& finished) {
    if (finished.signal != 0) return finished.signal;
    const int number = finished.exit_code - 128;
    return number > 0 && number <= kLastSignal ? number : 0;
}

std::string telling_line(std::string_view text) {
    constexpr std::string_view kNoise[] = {"ggml_backend_load_best: failed to enumerate", "load_backend: loaded ",
                                           "warning:"};
    std::string_view first_complaint;
    std::string_view last;
    for (std::string_view line : lines(text)) {
        line = trim(line);
        const auto is_noise = [&](std::string_view noise) { return line.starts_with(noise); };
        if (line.empty() || std::any_of(std::begin(kNoise), std::end(kNoise), is_noise)) continue;
        last = line;
        const std::string lower = lower_case(line);
        if (first_complaint.empty() &&
            (lower.find("error") != std::string::npos || lower.find("failed") != std::string::npos))
            first_complaint = line;
    }
    return printable(first_complaint.empty() ? last : first_complaint).substr(0, 300);
}

}  // namespace lf::bench
