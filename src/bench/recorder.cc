// SPDX-License-Identifier: MIT
#include "bench/recorder.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "base/text.h"
#include "bench/candidates.h"
#include "bench/effort.h"
#include "bench/gguf.h"
#include "bench/resume.h"
#include "bench/run_once.h"

namespace lf::bench {
namespace {

/// Packages whose versions say what ran.
constexpr std::string_view kNamedPackages[] = {"llama.cpp-tools",         "libllama0", "libggml0",
                                               "libggml0-backend-vulkan", "libc6",     "mesa-vulkan-drivers"};
/// A run that is ended earlier than this was ended because others are faster; nothing says that it hangs.
constexpr double kPatience = 60;
/// A model may need this much more than its file: context, compute buffers.
constexpr std::int64_t kSpareMib = 256;

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}
/// CPU time of this process and of all that it has waited for.
double own_cpu_seconds() {
    double sum = 0;
    for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        struct rusage usage = {};
        if (::getrusage(static_cast<__rusage_who>(who), &usage) == 0)
            sum += seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
    }
    return sum;
}

Result<GgufInfo> read_model(const std::string& path) {
    auto info = read_gguf(path);
    if (info) return info;
    Error error = world_error("bench-model", "the model cannot be used");
    error.where.file = path;
    error.causes.push_back(std::move(info.error()));
    return fail(std::move(error));
}

/// Only the CPU and what computes on it or elsewhere; a build with compiled-in backends may have a GPU's.
bool has_no_gpu(const InstalledBuild& build) {
    return !build.cpu_variants.empty() && std::all_of(build.backends.begin(), build.backends.end(),
                                                      [](const auto& name) { return name == "blas" || name == "rpc"; });
}

Done check_memory(const std::string& path, std::int64_t bytes, const Conditions& conditions, bool cpu_alone) {
    const std::int64_t needed = (bytes >> 20) + kSpareMib;
    if (!cpu_alone || !conditions.memory_mib || needed <= *conditions.memory_mib) return {};
    Error error = world_error(
        "bench-memory",
        fmt::format("the model needs about {} MiB, this machine has {} MiB of memory", needed, *conditions.memory_mib),
        "give a smaller one: --model synthetic:0.3B");
    error.where.file = path;
    return fail(std::move(error));
}

Build build_described(const InstalledBuild& build) {
    Build described{build.name, build.source, {}, {}, 0};
    for (const std::string_view name : kNamedPackages)
        if (const auto found = build.packages.find(std::string(name)); found != build.packages.end())
            described.packages.insert(*found);
    return described;
}

const std::vector<double>* speeds_in(const Run& run, const Test& test) {
    for (const Speeds& speeds : run.speeds)
        if (speeds.test == test) return &speeds.tokens_per_second;
    return nullptr;
}

Measurement measurement_of(const Run& run, const Effort& effort) {
    Measurement measurement;
    if (const auto* speeds = speeds_in(run, test_in(effort, TestKind::prompt))) measurement.prompt_speeds = *speeds;
    if (const auto* speeds = speeds_in(run, test_in(effort, TestKind::generation)))
        measurement.generation_speeds = *speeds;
    measurement.seconds = run.seconds;
    measurement.memory_mib = run.memory_mib;
    if (!run.failure.empty()) measurement.dead = run.failure_text;
    return measurement;
}

void take_output(Run& run, const Effort& effort, const RunOutput& output) {
    for (const LlamaBenchTest& test : output.tests)
        run.speeds.push_back({test_in(effort, test.prompt_tokens > 0 ? TestKind::prompt : TestKind::generation),
                              test.tokens_per_second});
    run.loaded_variant = output.cpu_variant;
    run.threads = output.tests.empty() ? 0 : output.tests.front().threads;
    run.memory_mib = output.max_rss_kib >> 10;
}

void take_description(BenchResult& result, const Candidate& candidate, const LlamaBenchTest& test) {
    for (Build& build : result.builds)
        if (build.name == candidate.build) {
            build.commit = test.build_commit;
            build.number = test.build_number;
        }
    result.conditions.cpu = test.cpu;
    if (candidate.device != "none" && !test.gpu.empty()) result.conditions.gpu = test.gpu;
    result.model.type = test.model_type;
    result.model.parameters = test.model_parameters;
}

/// Warnings that only the samples can give.
void warn_of_samples(BenchResult& result) {
    std::vector<std::string> outlying;
    for (const Summary& summary : result.summaries)
        if (!summary.outliers.empty()) {
            const std::string words =
                fmt::format("{} of {} ({})", summary.outliers.size(), summary.candidate, name_of(summary.test));
            outlying.push_back(words);
        }
    if (!outlying.empty())
        result.warnings.push_back(
            {"outliers", fmt::format("runs that stand out, counted like the others: {}", join(outlying, ", ")),
             "measure again when the machine is idle"});
}

}  // namespace

void add_comparisons(const CompareResult& compared, const std::vector<Candidate>& candidates, BenchResult& result) {
    for (const PairResult& pair : compared.pairs)
        if (pair.ratio && pair.pairs >= kLeastRounds)
            result.comparisons.push_back({candidates[pair.candidate].name, candidates.front().name,
                                          test_in(compared.effort, pair.test), pair.pairs, *pair.ratio, pair.verdict});
}

std::string test_of(const Effort& effort) {
    std::vector<std::string> names;
    if (effort.prompt_tokens > 0) names.push_back(fmt::format("pp{}", effort.prompt_tokens));
    if (effort.generated_tokens > 0) names.push_back(fmt::format("tg{}", effort.generated_tokens));
    std::string text = join(names, " ");
    if (effort.depth > 0) text += fmt::format(" @ d{}", effort.depth);
    if (effort.repetitions > 1) text += fmt::format(" x{}", effort.repetitions);
    return text;
}

Recorder::Recorder(const BenchRequest& request, ProcessRunner& processes, std::optional<BenchResult> earlier)
    : request_(request),
      processes_(processes),
      machine_(request.machine_root),
      record_(std::move(earlier).value_or(BenchResult())) {}

double Recorder::clock() const {
    if (request_.clock) return request_.clock();
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double Recorder::now() const { return live_ ? earlier_ + clock() - started_ : earlier_; }

const InstalledBuild& Recorder::build_of(const Candidate& candidate) const {
    return *std::find_if(request_.builds.begin(), request_.builds.end(),
                         [&](const InstalledBuild& build) { return build.name == candidate.build; });
}

Done Recorder::begin() {
    model_ = absolute_path(request_.model);
    LF_ASSIGN(const GgufInfo info, read_model(model_));
    result.host = request_.host;
    result.seed = request_.seed;
    for (const InstalledBuild& build : request_.builds) result.builds.push_back(build_described(build));
    result.model.synthetic = !request_.model_description.empty();
    result.model.description = result.model.synthetic ? request_.model_description : info.describe();
    std::error_code unknown;
    const auto bytes = std::filesystem::file_size(model_, unknown);
    result.model.bytes = unknown ? 0 : static_cast<std::int64_t>(bytes);
    result.conditions = read_conditions(machine_);
    const bool cpu_alone = std::all_of(request_.builds.begin(), request_.builds.end(), has_no_gpu);
    LF_TRY(check_memory(model_, result.model.bytes, result.conditions, cpu_alone));
    for (const InstalledBuild& build : request_.builds) {
        LF_ASSIGN(scratch_[build.name], prepare_scratch(build, absolute_path(request_.scratch) + "/" + build.name));
    }
    take_over_words();
    before_ = read_counters(machine_);
    children_before_ = own_cpu_seconds();
    wall_before_ = clock();
    // What was broken off stays as it is until it has been taken over whole.
    if (!record_.runs.empty()) return {};
    LF_TRY(set_aside(request_));
    return save();
}

/// What llama-bench said in the earlier sitting of the builds, the model and the machine.
void Recorder::take_over_words() {
    if (record_.runs.empty()) return;
    for (Build& build : result.builds)
        for (const Build& earlier : record_.builds)
            if (earlier.name == build.name) {
                build.commit = earlier.commit;
                build.number = earlier.number;
            }
    result.model = record_.model;
    result.conditions.cpu = record_.conditions.cpu;
    result.conditions.gpu = record_.conditions.gpu;
}

bool Recorder::replay(const Ask& ask, Measurement& measurement) {
    if (live_ || replayed_ >= record_.runs.size()) return false;
    const Run& run = record_.runs[replayed_];
    if (run.candidate != ask.candidate.name || run.phase != ask.phase || run.round != ask.round ||
        run.counts != ask.counts || run.test != test_of(ask.effort))
        return false;
    ++replayed_;
    measurement = measurement_of(run, ask.effort);
    earlier_ = run.at + run.seconds;
    result.runs.push_back(run);
    learn(ask.candidate, run);
    return true;
}

/// What a run says beside its speeds.
void Recorder::learn(const Candidate& candidate, const Run& run) {
    result.seconds += run.seconds;
    if (run.failure.empty()) return;
    const auto known = [&](const Finding& finding) { return finding.candidate == candidate.name; };
    if (std::none_of(result.findings.begin(), result.findings.end(), known))
        result.findings.push_back({candidate.name, run.failure, run.failure_text});
}

Result<Run> Recorder::run_now(const Ask& ask) {
    Run run;
    run.candidate = ask.candidate.name;
    run.phase = ask.phase;
    run.round = ask.round;
    run.counts = ask.counts;
    run.test = test_of(ask.effort);
    run.load_average = load_average(machine_);
    if (const auto pressure = memory_pressure(machine_))
        result.conditions.memory_pressure = std::max(*pressure, result.conditions.memory_pressure.value_or(0));
    LlamaBenchRun wanted = run_of(ask.candidate, model_);
    wanted.prompt_tokens = ask.effort.prompt_tokens;
    wanted.generated_tokens = ask.effort.generated_tokens;
    wanted.depth = ask.effort.depth;
    wanted.repetitions = ask.effort.repetitions;
    const std::chrono::milliseconds limit(static_cast<std::int64_t>(std::ceil(ask.limit_seconds * 1000)));
    run.at = now();
    LF_ASSIGN(const RunOutcome outcome,
              run_llama_bench(build_of(ask.candidate), wanted, scratch_.at(ask.candidate.build), limit, processes_));
    run.seconds = now() - run.at;
    if (!outcome) {
        run.failure = id_of(outcome.error().failure);
        run.failure_text = outcome.error().text;
        if (outcome.error().failure == Failure::hung && ask.limit_seconds < kPatience)
            run.failure_text = fmt::format("given up after {:.0f} s: far slower than the others, or hung", run.seconds);
        return run;
    }
    take_output(run, ask.effort, *outcome);
    take_description(result, ask.candidate, outcome->tests.front());
    return run;
}

/// Where the questions part from the record before its end, what was not taken over is kept beside it.
Done Recorder::keep_the_rest() {
    if (replayed_ >= record_.runs.size()) return {};
    return write_file_atomically(unfinished_file(request_) + ".before", to_json(record_));
}

Result<Measurement> Recorder::run(const Ask& ask) {
    Measurement measurement;
    if (replay(ask, measurement)) return measurement;
    if (!live_) {
        LF_TRY(keep_the_rest());
        started_ = clock();
    }
    live_ = true;
    LF_ASSIGN(Run run, run_now(ask));
    measurement = measurement_of(run, ask.effort);
    result.runs.push_back(std::move(run));
    learn(ask.candidate, result.runs.back());
    LF_TRY(save());
    return measurement;
}

Done Recorder::save() {
    const std::string file = unfinished_file(request_);
    return file.empty() ? Done() : write_file_atomically(file, to_json(result));
}

Done Recorder::finish(bool complete) {
    const double wall = clock() - wall_before_;
    add_counters(result.conditions, before_, read_counters(machine_), own_cpu_seconds() - children_before_, wall);
    std::vector<Warning> warnings = warnings_of(result.conditions);
    result.warnings.insert(result.warnings.begin(), warnings.begin(), warnings.end());
    result.overhead_seconds = std::max(0.0, now() - result.seconds);
    result.complete = complete;
    summarize(result);
    warn_of_samples(result);
    if (!complete || request_.result_file.empty()) return save();
    LF_TRY(write_file_atomically(request_.result_file, to_json(result)));
    std::error_code ignored;
    std::filesystem::remove(unfinished_file(request_), ignored);
    return {};
}

std::string Recorder::dispatched(const std::string& build) const {
    const auto took_it_itself = [&](const std::string& name) {
        return std::any_of(result.candidates.begin(), result.candidates.end(), [&](const Candidate& candidate) {
            return candidate.name == name && candidate.build == build && !candidate.cpu_variant;
        });
    };
    for (const Run& run : result.runs)
        if (!run.loaded_variant.empty() && took_it_itself(run.candidate)) return run.loaded_variant;
    return "";
}

std::string Recorder::command_for(const Candidate& candidate, const Effort& effort) const {
    LlamaBenchRun run = run_of(candidate, model_);
    run.prompt_tokens = effort.prompt_tokens;
    run.generated_tokens = effort.generated_tokens;
    run.depth = effort.depth;
    const auto command = llama_bench_command(build_of(candidate), run, scratch_.at(candidate.build));
    return command ? shown_command(*command) : command.error().message;
}

}  // namespace lf::bench
