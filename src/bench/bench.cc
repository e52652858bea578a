// SPDX-License-Identifier: MIT
//
// One run = one process of llama-bench = one candidate, prompt and generation once each. Runs are short and many and
// take turns, because what varies most on a real machine is its state from minute to minute, not the program.
#include "bench/bench.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "bench/conditions.h"
#include "bench/gguf.h"
#include "bench/llama_bench.h"
#include "bench/schedule.h"
#include "bench/sizing.h"

namespace lf::bench {
namespace {

namespace fs = std::filesystem;

/// No run is given less than this: the first one also reads the model from the disk.
constexpr std::chrono::seconds kLeastRunLimit{60};
/// Packages whose versions say what ran.
constexpr std::string_view kNamedPackages[] = {"llama.cpp-tools", "libllama0", "libggml0", "libc6"};

/// A folder that is gone when this is.
class ScratchFolder {
  public:
    explicit ScratchFolder(const std::string& parent) : path_(fmt::format("{}/bench-{}", parent, ::getpid())) {}
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

std::string library_name(const std::string& variant) { return fmt::format("libggml-cpu-{}.so", variant); }

std::string absolute(const std::string& path) {
    std::error_code error;
    const fs::path whole = fs::absolute(path, error);
    return error ? path : whole.lexically_normal().string();
}

bool is_variant_name(std::string_view name) {
    return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

Done check_request(const BenchRequest& request, const std::vector<std::string>& variants) {
    if (request.candidates.empty() || request.repeats < 1 || request.prompt_tokens < 0 ||
        request.generated_tokens < 0 || request.prompt_tokens + request.generated_tokens == 0)
        return fail(usage_error("bench-request", "nothing to measure: give candidates, repeats and tokens"));
    std::set<std::string> names;
    for (const Candidate& candidate : request.candidates) {
        if (!names.insert(candidate.name).second)
            return fail(usage_error("bench-request", fmt::format("two candidates are called '{}'", candidate.name)));
        if (is_variant_name(candidate.variant) &&
            std::find(variants.begin(), variants.end(), candidate.variant) != variants.end())
            continue;
        const auto near = did_you_mean(candidate.variant, variants);
        return fail(usage_error(
            "bench-variant",
            fmt::format("there is no CPU variant '{}' in these packages", printable(candidate.variant)),
            near ? fmt::format("did you mean '{}'?", *near) : fmt::format("there are: {}", join(variants, " "))));
    }
    return {};
}

/// Everything that one comparison needs while it runs.
struct Session {
    const BenchRequest& request;
    ProcessRunner& processes;
    const RootedFiles& machine;
    const std::string scratch;
    std::string hide;  ///< the machine's own folder of backends, if it has one
    std::string model;
    BenchResult result;
    std::set<std::string> dead;  ///< candidates that cannot run here
};

std::string run_directory(const Session& session, const Candidate& candidate) {
    return session.scratch + "/" + candidate.variant;
}

/// A folder with one link: the one variant that ggml may find.
Done make_run_directory(const Session& session, const std::string& backends, const Candidate& candidate) {
    const std::string folder = run_directory(session, candidate);
    LF_TRY(make_directories(folder));
    const std::string name = library_name(candidate.variant);
    const std::string target = session.request.packages.directory + "/root" + backends + "/" + name;
    std::error_code error;
    fs::remove(folder + "/" + name, error);
    fs::create_symlink(target, folder + "/" + name, error);
    if (!error) return {};
    Error failure = world_error("file-unwritable", fmt::format("cannot link {}: {}", name, error.message()));
    failure.where.file = folder;
    return fail(std::move(failure));
}

LlamaBenchRun run_of(const Session& session, const Tokens& tokens) {
    return {session.model, session.result.conditions.threads, tokens.prompt, tokens.generated};
}
Tokens tokens_of(const Session& session) { return {session.result.prompt_tokens, session.result.generated_tokens}; }

/// What a person types to repeat the runs of a candidate.
std::string shown_command(const Session& session, const std::string& backends, const Candidate& candidate) {
    const std::string folder = "/tmp/llama-fleet-" + candidate.variant;
    const Command command =
        llama_bench_command(session.request.packages, run_of(session, tokens_of(session)), folder, session.hide);
    const std::string library =
        session.request.packages.directory + "/root" + backends + "/" + library_name(candidate.variant);
    return fmt::format("mkdir -p {0} && ln -sf {1} {0}/ && cd {0} && {2}", folder, shell_word(library),
                       shell_command(command.argv));
}

void warn_once(BenchResult& result, Warning warning) {
    for (const Warning& known : result.warnings)
        if (known.id == warning.id && known.text == warning.text) return;
    result.warnings.push_back(std::move(warning));
}

Done save(Session& session) {
    summarize(session.result);
    if (session.request.result_file.empty()) return {};
    return write_file_atomically(session.request.result_file, to_json(session.result));
}

Error crash_error(const Candidate& candidate, const Finished& finished) {
    const std::string how = finished.signal != 0 ? fmt::format("was ended by signal {}", finished.signal)
                                                 : fmt::format("ended with {}", finished.exit_code);
    std::string last;
    for (const std::string_view line : lines(finished.err))
        if (!trim(line).empty() && !line.starts_with("ggml_backend_load_best: failed to enumerate")) last = line;
    return world_error("bench-crash", fmt::format("llama-bench with the variant {} {}: {}", candidate.variant, how,
                                                  last.empty() ? "it said nothing" : printable(last).substr(0, 300)));
}

/// Exactly the wanted variant must have been loaded, or the numbers belong to another one.
Done check_variant(const Session& session, const Candidate& candidate, const Finished& finished) {
    const auto loaded = loaded_variants(finished.err);
    if (loaded.size() == 1 && loaded.front() == candidate.variant) return {};
    std::string hint;
    if (!session.hide.empty())
        hint = fmt::format("this machine has its own variants in {}; remove the package libggml0 while measuring",
                           session.hide);
    return fail(world_error("bench-variant",
                            fmt::format("the variant {} was asked for, but ggml loaded {}", candidate.variant,
                                        loaded.empty() ? "none" : join(loaded, " ")),
                            std::move(hint)));
}

void take_description(BenchResult& result, const LlamaBenchTest& test) {
    result.build.commit = test.build_commit;
    result.build.number = test.build_number;
    result.conditions.cpu = test.cpu;
    result.model.type = test.model_type;
    result.model.parameters = test.model_parameters;
    result.model.bytes = test.model_bytes;
}

Done take_samples(Session& session, const Run& run, const Finished& finished, double load) {
    const Candidate& candidate = session.request.candidates[run.candidate];
    if (finished.exit_code != 0) return fail(crash_error(candidate, finished));
    LF_TRY(check_variant(session, candidate, finished));
    LF_ASSIGN(const auto tests, parse_llama_bench(finished.out));
    std::vector<Sample> samples;
    for (const LlamaBenchTest& test : tests) {
        const int wanted = test.test == Test::prompt ? session.result.prompt_tokens : session.result.generated_tokens;
        if (test.tokens != wanted ||
            std::any_of(samples.begin(), samples.end(), [&](const Sample& s) { return s.test == test.test; }))
            return fail(world_error("bench-output", "llama-bench ran other tests than those asked for"));
        samples.push_back({candidate.name, run.repeat, test.test, test.tokens_per_second, load});
    }
    const std::size_t expected =
        (session.request.prompt_tokens > 0 ? 1U : 0U) + (session.request.generated_tokens > 0 ? 1U : 0U);
    if (samples.size() != expected)
        return fail(world_error("bench-output", "llama-bench left out a test that it was asked for"));
    take_description(session.result, tests.front());
    session.result.samples.insert(session.result.samples.end(), samples.begin(), samples.end());
    return {};
}

std::chrono::seconds run_limit(const BenchRequest& request) {
    return request.run_limit.count() > 0 ? request.run_limit : std::max(request.budget, kLeastRunLimit);
}

/// Starts llama-bench. An error ends the comparison.
Result<Finished> start(Session& session, const Candidate& candidate, const Tokens& tokens) {
    Command command = llama_bench_command(session.request.packages, run_of(session, tokens),
                                          run_directory(session, candidate), session.hide);
    const std::chrono::seconds limit = run_limit(session.request);
    command.time_limit = limit;
    auto finished = session.processes.run(command);
    if (finished) session.result.seconds += finished->seconds;
    if (finished || finished.error().id != "program-timeout") return finished;
    return fail(world_error(
        "bench-timeout",
        fmt::format("llama-bench with the variant {} was not done after {} seconds", candidate.variant, limit.count()),
        "give a larger time budget or a smaller model"));
}

/// A short first run of the baseline: a machine so slow or so busy that kLeastRepeats would not fit into the budget
/// gets shorter runs. What goes wrong here goes wrong again in the first real run, and is told then.
Done fit_to_the_machine(Session& session) {
    const Candidate& baseline = session.request.candidates.front();
    const Tokens wanted = tokens_of(session);
    LF_ASSIGN(const Finished finished, start(session, baseline, trial_of(wanted)));
    if (finished.exit_code != 0) return {};
    const auto trial = parse_llama_bench(finished.out);
    if (!trial) return {};
    const int runs =
        std::min(kLeastRepeats, session.request.repeats) * static_cast<int>(session.result.candidates.size());
    const double left = static_cast<double>(session.request.budget.count()) - session.result.seconds;
    const Tokens tokens = fitting(wanted, *trial, runs, left);
    if (tokens == wanted) return {};
    session.result.prompt_tokens = tokens.prompt;
    session.result.generated_tokens = tokens.generated;
    session.result.warnings.push_back(
        {"short-runs",
         fmt::format("this machine is slow or busy: runs of {} and {} tokens instead of {} and {}", tokens.prompt,
                     tokens.generated, wanted.prompt, wanted.generated),
         "give a larger time budget, or measure when the machine is idle"});
    return {};
}

/// Runs one candidate once. An error ends the comparison.
Done run_once(Session& session, const Run& run) {
    const Candidate& candidate = session.request.candidates[run.candidate];
    const double load = load_average(session.machine).value_or(0);
    LF_ASSIGN(const Finished finished, start(session, candidate, tokens_of(session)));
    if (finished.signal == SIGILL || finished.exit_code == 128 + SIGILL) {
        session.dead.insert(candidate.name);
        warn_once(session.result, {"sigill",
                                   fmt::format("{}: the variant {} cannot run on this CPU (illegal instruction)",
                                               candidate.name, candidate.variant),
                                   ""});
        return {};
    }
    return take_samples(session, run, finished, load);
}

/// True if the next repeat does not fit in the budget, judged by those before it.
bool budget_is_spent(const Session& session, int repeats_done) {
    if (repeats_done < kLeastRepeats) return false;
    const double next = session.result.seconds / repeats_done;
    return session.result.seconds + next > static_cast<double>(session.request.budget.count());
}

void warn_of_budget(Session& session, int repeats_done) {
    session.result.warnings.push_back(
        {"budget",
         fmt::format("{} of {} repeats fit into the {} seconds of the time budget", repeats_done,
                     session.request.repeats, session.request.budget.count()),
         "give a larger time budget"});
}

/// All runs in turn.
Done run_all(Session& session, const std::function<void(const Progress&)>& progress) {
    const auto runs = interleaved(session.request.candidates.size(), session.request.repeats);
    int repeat = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        if (run.repeat != repeat && budget_is_spent(session, run.repeat)) {
            warn_of_budget(session, run.repeat);
            break;
        }
        repeat = run.repeat;
        const Candidate& candidate = session.request.candidates[run.candidate];
        if (session.dead.contains(candidate.name)) continue;
        if (progress)
            progress({static_cast<int>(i) + 1, static_cast<int>(runs.size()), candidate.name, run.repeat + 1,
                      session.result.seconds});
        LF_TRY(run_once(session, run));
        LF_TRY(save(session));
    }
    session.result.complete = true;
    return {};
}

Done measure(Session& session, const std::string& backends, const std::function<void(const Progress&)>& progress) {
    LF_TRY(fit_to_the_machine(session));
    for (const Candidate& candidate : session.request.candidates)
        session.result.commands.push_back(shown_command(session, backends, candidate));
    return run_all(session, progress);
}

/// Warnings that only the samples can give.
void warn_of_samples(BenchResult& result) {
    for (const Summary& summary : result.summaries) {
        if (summary.samples < kLeastRepeats)
            warn_once(result, {"few-repeats", "fewer than 3 repeats: the intervals say next to nothing",
                               "measure with more repeats"});
        if (!summary.tokens_per_second) continue;
        const Estimate& speed = *summary.tokens_per_second;
        if (speed.high - speed.mean > 0.1 * speed.mean)
            warn_once(result, {"noise",
                               fmt::format("the runs of {} differ much ({} ± {:.0f} %)", summary.candidate,
                                           name_of(summary.test), (speed.high / speed.mean - 1) * 100),
                               "measure again when the machine is idle"});
    }
}

BenchResult describe_request(const BenchRequest& request, const RootedFiles& machine, const GgufInfo& model) {
    BenchResult result;
    result.host = request.host;
    result.candidates = request.candidates;
    result.build.source = "Debian sid";
    for (const std::string_view name : kNamedPackages)
        if (const auto found = request.packages.versions.find(std::string(name));
            found != request.packages.versions.end())
            result.build.packages.insert(*found);
    result.model.synthetic = !request.model_description.empty();
    result.model.description = result.model.synthetic ? request.model_description : model.describe();
    result.conditions = read_conditions(machine);
    result.conditions.cpus = usable_cpus();
    result.conditions.threads = request.threads > 0 ? request.threads : usable_cores(machine);
    result.prompt_tokens = request.prompt_tokens;
    result.generated_tokens = request.generated_tokens;
    result.repeats_wanted = request.repeats;
    result.warnings = warnings_of(result.conditions);
    if (!request.packages.note.empty()) result.warnings.push_back({"old-packages", request.packages.note, ""});
    return result;
}

Result<GgufInfo> check_model(const std::string& path) {
    auto info = read_gguf(path);
    if (info) return info;
    Error error = world_error("bench-model", "the model cannot be used");
    error.where.file = path;
    error.causes.push_back(std::move(info.error()));
    return fail(std::move(error));
}

}  // namespace

std::vector<Candidate> default_candidates(const std::string& plan_variant) {
    return {{"official-default", "x64", "what the official flake builds: plain x86-64 with SSE2"},
            {"plan", plan_variant,
             plan_variant == "x64" ? "what the plan names: the same, so this compares it with itself"
                                   : fmt::format("what the plan names: ggml's variant {}", plan_variant)}};
}

Result<BenchResult> run_bench(const BenchRequest& request, ProcessRunner& processes,
                              const std::function<void(const Progress&)>& progress) {
    LF_ASSIGN(const std::string backends, backend_folder(request.packages));
    LF_ASSIGN(const auto variants, cpu_variants(request.packages));
    LF_TRY(check_request(request, variants));
    const std::string model = absolute(request.model);
    LF_ASSIGN(const GgufInfo info, check_model(model));
    const RootedFiles machine(request.machine_root);
    const ScratchFolder scratch(absolute(request.scratch.empty() ? request.packages.directory : request.scratch));
    Session session{request,
                    processes,
                    machine,
                    scratch.path(),
                    machine.exists(backends) ? backends : "",
                    model,
                    describe_request(request, machine, info),
                    {}};
    for (const Candidate& candidate : request.candidates) LF_TRY(make_run_directory(session, backends, candidate));
    LF_TRY(save(session));
    const Done done = measure(session, backends, progress);
    if (!done && done.error().id != "interrupted") return fail(done.error());
    if (!done) warn_once(session.result, {"interrupted", "the measurement was interrupted", "measure again"});
    summarize(session.result);
    warn_of_samples(session.result);
    LF_TRY(save(session));
    return session.result;
}

}  // namespace lf::bench
