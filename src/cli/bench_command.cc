// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "bench/bench.h"
#include "bench/gguf_writer.h"
#include "bench/packages.h"
#include "bench/render.h"
#include "cli/arguments.h"
#include "cli/finish.h"
#include "cli/fleet_facts.h"
#include "cli/verbs.h"
#include "plan/planner.h"

namespace lf::cli {
namespace {

/// The plan of this machine as its owner has it: overrides are not asked, since they stand in a flake.
Result<plan::Plan> plan_here(const Arguments& arguments) {
    const auto file = arguments.value("--facts");
    LF_ASSIGN(const facts::Machine machine, file ? read_facts(*file, "") : probe_machine("", "this-machine"));
    return plan::make_plan(machine, {});
}

Result<std::string> planned_variant(const plan::Plan& plan, const bench::Packages& packages) {
    const std::string variant = plan.build.cpu_variant.value_or("");
    LF_ASSIGN(const std::vector<std::string> known, bench::cpu_variants(packages));
    if (std::find(known.begin(), known.end(), variant) != known.end()) return variant;
    return fail(world_error("bench-no-variant",
                            variant.empty() ? std::string("the plan names no CPU variant of ggml for this machine")
                                            : fmt::format("the packages have no CPU variant '{}'", printable(variant)),
                            fmt::format("they have: {}", join(known, ", "))));
}

Result<std::string> model_for(const Arguments& arguments, const std::string& cache, bench::BenchRequest& request) {
    if (const auto file = arguments.value("--model")) return std::filesystem::absolute(*file).string();
    const bench::ModelShape shape;
    request.model_description = bench::describe(shape);
    return bench::cached_model(shape, cache + "/models");
}

int show(const bench::BenchResult& result, const Arguments& arguments, Terminal& terminal) {
    terminal.answer(arguments.has("--json") ? bench::to_json(result) : bench::render_text(result));
    return result.complete ? kYes : kWorldFailed;
}

Result<int> bench_verb(const Arguments& arguments, Terminal& terminal) {
    if (const auto file = arguments.value("--show")) {
        LF_ASSIGN(const std::string text, read_file(*file));
        LF_ASSIGN(const bench::BenchResult result, bench::from_json(text, *file));
        return show(result, arguments, terminal);
    }
    RealProcesses processes;
    bench::BenchRequest request;
    LF_ASSIGN(request.repeats, arguments.number("--repeats", request.repeats, 1, 1000));
    LF_ASSIGN(request.threads, arguments.number("--threads", 0, 1, 4096));
    LF_ASSIGN(const int seconds, arguments.number("--time-limit", 100, 1, 86'400));
    request.budget = std::chrono::seconds(seconds);
    LF_ASSIGN(const std::string cache, cache_directory());
    LF_ASSIGN(const plan::Plan plan, plan_here(arguments));
    request.host = plan.host;
    const std::string folder = arguments.value("--packages").value_or(cache + "/sid-llama");
    terminal.talk(fmt::format("bench: Debian's llama.cpp is unpacked in {} (nothing is installed)\n", folder));
    LF_ASSIGN(request.packages, bench::prepare_packages(std::filesystem::absolute(folder).string(), processes));
    LF_ASSIGN(const std::string variant, planned_variant(plan, request.packages));
    request.candidates = bench::default_candidates(variant);
    LF_ASSIGN(request.model, model_for(arguments, cache, request));
    request.scratch = cache + "/bench";
    LF_TRY(make_directories(request.scratch));
    request.result_file = arguments.value("--output").value_or(cache + "/bench/" + plan.host + ".json");
    LF_ASSIGN(const bench::BenchResult result,
              bench::run_bench(request, processes, [&](const bench::Progress& progress) {
                  terminal.progress(fmt::format("bench: run {} of {}: {} ({:.0f} s)", progress.run, progress.runs,
                                                progress.candidate, progress.seconds));
              }));
    return show(result, arguments, terminal);
}

}  // namespace

int run_bench(const Arguments& arguments, Terminal& terminal) {
    return finish(bench_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
