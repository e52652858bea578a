// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "bench/bench.h"
#include "bench/gguf.h"
#include "bench/model_report.h"
#include "bench/render.h"
#include "bench/resume.h"
#include "cli/arguments.h"
#include "cli/bench_request.h"
#include "cli/finish.h"
#include "cli/verbs.h"

namespace lf::cli {
namespace {

int show(const bench::BenchResult& result, const Arguments& arguments, Terminal& terminal) {
    terminal.answer(arguments.has("--json") ? bench::to_json(result) : bench::render_text(result));
    return result.complete ? kYes : kWorldFailed;
}

Result<int> show_file(const std::string& file, const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const std::string text, read_file(file));
    LF_ASSIGN(bench::BenchResult result, bench::from_json(text, file));
    if (!result.complete) bench::summarize(result);
    return show(result, arguments, terminal);
}

Result<int> inspect(const std::string& file, const Arguments& arguments, Terminal& terminal) {
    LF_ASSIGN(const bench::GgufInfo info, bench::read_gguf(file));
    std::error_code unknown;
    const auto size = std::filesystem::file_size(file, unknown);
    const std::uint64_t bytes = unknown ? 0 : size;
    terminal.answer(arguments.has("--json") ? bench::model_json(info, bytes) : bench::render_model(info, bytes));
    return kYes;
}

std::string progress_text(const bench::Progress& progress) {
    return fmt::format("bench: {}{}{}: {} runs, {:.0f} s, about {:.0f} s left", progress.phase,
                       progress.candidate.empty() ? "" : " ", printable(progress.candidate), progress.runs_done,
                       progress.seconds_spent, progress.seconds_left);
}

Result<int> measure(const Arguments& arguments, Terminal& terminal) {
    RealProcesses processes;
    LF_ASSIGN(const bench::Objective objective, bench_objective(arguments));
    LF_ASSIGN(const BenchSetup setup, bench_setup(arguments, processes, terminal));
    const auto tell = [&](const bench::Progress& progress) { terminal.progress(progress_text(progress)); };
    std::optional<bench::BenchResult> result;
    if (arguments.has("--choose")) {
        LF_ASSIGN(const std::vector<std::string> devices, bench_devices(setup, processes, terminal));
        LF_ASSIGN(result, bench::run_choice(setup.request, objective, devices, processes, tell));
    } else {
        LF_ASSIGN(const std::vector<bench::Candidate> candidates, bench_candidates(arguments, setup));
        LF_ASSIGN(result, bench::run_comparison(setup.request, candidates, processes, tell));
    }
    terminal.talk(result->complete ? fmt::format("bench: the result is in {}\n", setup.request.result_file)
                                   : fmt::format("bench: what was measured is in {}; --resume goes on with it\n",
                                                 bench::unfinished_file(setup.request)));
    if (setup.in_flake && result->choice)
        terminal.talk("bench: the plan takes it up from there: git add it, then llama-fleet fit FLAKE --update\n");
    const int code = show(*result, arguments, terminal);
    return interrupted() ? kInterrupted : code;
}

Result<int> bench_verb(const Arguments& arguments, Terminal& terminal) {
    if (const auto file = arguments.value("--show")) return show_file(*file, arguments, terminal);
    if (const auto file = arguments.value("--inspect")) return inspect(*file, arguments, terminal);
    return measure(arguments, terminal);
}

}  // namespace

int run_bench(const Arguments& arguments, Terminal& terminal) {
    return finish(bench_verb(arguments, terminal), terminal);
}

}  // namespace lf::cli
