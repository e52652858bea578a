// SPDX-License-Identifier: MIT
#include "bench/llama_bench.h"

#include <fmt/format.h>

#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace lf::bench {
namespace {

constexpr std::size_t kMostTests = 64;
constexpr double kFastest = 1e9;  // tokens a second; more is not a measurement

// What would load other backends, other libraries, or other numbers of threads than we ask for.
constexpr std::string_view kWithout[] = {
    "GGML_BACKEND_PATH", "LD_PRELOAD",        "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "OMP_PROC_BIND",
    "OMP_PLACES",        "GOMP_CPU_AFFINITY", "OMP_WAIT_POLICY", "GLIBC_TUNABLES",  "LLAMA_ARG_THREADS",
};

Error output_error(std::string message) {
    return world_error("bench-output", std::move(message), "run the shown command by hand to see what it prints");
}

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
std::string word(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return printable(found->get<std::string>()).substr(0, 120);
}

Result<LlamaBenchTest> read_test(const Json& object) {
    if (!object.is_object()) return fail(output_error("llama-bench printed something that is not a test"));
    const std::int64_t prompt = whole(object, "n_prompt");
    const std::int64_t generated = whole(object, "n_gen");
    const auto speed = number(object, "avg_ts");
    if ((prompt > 0) == (generated > 0) || prompt > 1'000'000 || generated > 1'000'000)
        return fail(output_error("llama-bench printed a test that is neither of a prompt nor of generation"));
    if (!speed || *speed <= 0 || *speed > kFastest)
        return fail(output_error("llama-bench printed no possible number of tokens per second"));
    LlamaBenchTest test;
    test.test = prompt > 0 ? Test::prompt : Test::generation;
    test.tokens = static_cast<int>(prompt + generated);
    test.tokens_per_second = *speed;
    test.build_commit = word(object, "build_commit");
    test.build_number = whole(object, "build_number");
    test.cpu = word(object, "cpu_info");
    test.model_type = word(object, "model_type");
    test.model_parameters = whole(object, "model_n_params");
    test.model_bytes = whole(object, "model_size");
    return test;
}

}  // namespace

Command llama_bench_command(const Packages& packages, const LlamaBenchRun& run, const std::string& run_directory,
                            const std::string& hide) {
    const std::string root = packages.directory + "/root";
    const std::string libraries = root + "/usr/lib/x86_64-linux-gnu";
    Command command;
    if (!hide.empty())
        command.argv = {"unshare",     "-rm", "sh", "-c", "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"",
                        run_directory, hide};
    const std::string_view test_options[] = {"-r", "1", "-o", "json", "-m"};
    command.argv.insert(command.argv.end(),
                        {libraries + "/ld-linux-x86-64.so.2", "--library-path", fmt::format("{0}:{0}/llama", libraries),
                         root + "/usr/bin/llama-bench", "-t", std::to_string(run.threads), "-p",
                         std::to_string(run.prompt_tokens), "-n", std::to_string(run.generated_tokens)});
    command.argv.insert(command.argv.end(), std::begin(test_options), std::end(test_options));
    command.argv.push_back(run.model);
    command.directory = run_directory;
    command.without.assign(std::begin(kWithout), std::end(kWithout));
    command.environment["LC_ALL"] = "C";
    command.output_limit = std::size_t{1} << 20;
    return command;
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

std::vector<std::string> loaded_variants(std::string_view text) {
    constexpr std::string_view kLoaded = "load_backend: loaded ";
    constexpr std::string_view kName = "/libggml-cpu-";
    std::vector<std::string> variants;
    for (const std::string_view line : lines(text)) {
        if (!line.starts_with(kLoaded) || !line.ends_with(".so")) continue;
        const std::size_t at = line.rfind(kName);
        if (at == std::string_view::npos) continue;
        const std::string_view rest = line.substr(at + kName.size());
        const std::string name = printable(rest.substr(0, rest.size() - 3));
        if (std::find(variants.begin(), variants.end(), name) == variants.end()) variants.push_back(name);
    }
    return variants;
}

}  // namespace lf::bench
