// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "bench/bench.h"
#include "bench/candidates.h"
#include "bench/choose.h"
#include "bench/recorder.h"
#include "bench/resume.h"

namespace lf::bench {
namespace {

/// Enough for llama-bench to say which CPU variant ggml takes.
constexpr Effort kFirstLook{8, 0, 1, 0};
constexpr double kFirstLookSeconds = 60;
constexpr double kLeastFirstLook = 10;

/// Arms are candidates from the first time that they are run.
class SearchMeasurer final : public ArmMeasurer {
  public:
    SearchMeasurer(Recorder& recorder, const BenchRequest& request) : recorder_(recorder), request_(request) {}
    Result<Measurement> measure(const Arm& arm, const RunRequest& request) override {
        const Candidate candidate = candidate_of(arm, request_.builds);
        note(candidate);
        const bool last = request.phase == Phase::retest;
        const std::string phase = request.phase == Phase::measure ? fmt::format("rung {}", request.rung + 1)
                                                                  : std::string(name_of(request.phase));
        return recorder_.run({candidate, phase, request.round, last, request.effort, request.limit_seconds});
    }
    double now() override { return recorder_.now(); }

  private:
    void note(const Candidate& candidate) {
        auto& known = recorder_.result.candidates;
        if (std::none_of(known.begin(), known.end(), [&](const auto& c) { return c.name == candidate.name; }))
            known.push_back(candidate);
    }
    Recorder& recorder_;
    const BenchRequest& request_;
};

/// The CPU variants to try beside the default: without the one that the default loads, for that would be measured
/// twice.
std::vector<std::string> other_variants(const InstalledBuild& build, const std::string& dispatched) {
    std::vector<std::string> variants;
    for (const Candidate& candidate : all_variants(build))
        if (candidate.cpu_variant && *candidate.cpu_variant != dispatched) variants.push_back(*candidate.cpu_variant);
    std::reverse(variants.begin(), variants.end());  // the widest first: the likeliest winners
    return variants;
}

/// One short run of the default: which variant does it load?
Result<std::string> first_look(const BenchRequest& request, Recorder& recorder) {
    Arm arm;
    arm.build = request.builds.size() > 1 ? request.builds.front().name : "";
    if (!request.builds.front().backends.empty()) arm.device = "none";  // a GPU would load no variant to speak of
    Candidate candidate = candidate_of(arm, request.builds);
    candidate.name += ": first look";
    recorder.result.candidates.push_back(candidate);
    const auto done =
        recorder.run({candidate, std::string(name_of(Phase::trial)), 0, false, kFirstLook,
                      std::min(kFirstLookSeconds, std::max(kLeastFirstLook, request.budget_seconds / 3))});
    const std::string variant = recorder.dispatched(request.builds.front().name);
    recorder.result.candidates.pop_back();
    if (!done) return fail(done.error());
    return variant;
}

std::vector<RungRecord> rungs_of(const ChooseResult& chosen, const std::vector<InstalledBuild>& builds) {
    std::vector<RungRecord> records;
    for (const Rung& rung : chosen.rungs) {
        RungRecord record;
        record.name = fmt::format("{}: {}", rung.question, test_of(rung.effort));
        for (const RungArm& arm : rung.arms)
            record.entries.push_back({candidate_of(chosen.arms[arm.arm], builds).name,
                                      arm.score ? std::optional(arm.score->mean) : std::nullopt, arm.samples,
                                      arm.dropped.value_or("")});
        records.push_back(std::move(record));
    }
    return records;
}

/// The backends of all that could be measured.
std::vector<std::string> backends_of(const ChooseResult& chosen, const std::string& default_backend) {
    std::set<std::string> backends;
    for (const ArmRun& run : chosen.runs) {
        if (run.measurement.dead) continue;
        const Arm& arm = chosen.arms[run.arm];
        const bool own = arm.device.empty() && !arm.cpu_variant;
        backends.insert(own ? default_backend : backend_of(arm.device));
    }
    return {backends.begin(), backends.end()};
}

std::string revision_of(const BenchResult& result, const std::string& name) {
    for (const Build& build : result.builds) {
        if (build.name != name) continue;
        const auto package = build.packages.find("llama.cpp-tools");
        const std::string version = package == build.packages.end() ? "" : " " + package->second;
        return fmt::format("{}'s llama.cpp{}, build {} ({})", build.source, version, build.number, build.commit);
    }
    return {};
}

/// What llama.cpp takes by itself: the first device that is no software, or the CPU.
struct DefaultArm {
    std::string variant;
    std::string device = "none";
};

Choice choice_of(const ChooseResult& chosen, const BenchRequest& request, const Objective& objective,
                 const DefaultArm& by_itself, const BenchResult& result) {
    const Arm& arm = chosen.arms[chosen.chosen];
    const Candidate candidate = candidate_of(arm, request.builds);
    const bool own = !arm.cpu_variant && arm.device.empty();
    Choice choice;
    choice.candidate = candidate.name;
    choice.default_candidate = candidate_of(chosen.arms.front(), request.builds).name;
    choice.default_variant = by_itself.variant;
    choice.cpu_variant = arm.cpu_variant;
    if (!choice.cpu_variant && !by_itself.variant.empty()) choice.cpu_variant = by_itself.variant;
    choice.device = own ? by_itself.device : candidate.device;
    choice.backend = backend_of(choice.device);
    choice.backends = backends_of(chosen, backend_of(by_itself.device));
    choice.verdict = chosen.verdict == Verdict::faster ? "faster" : "~";
    choice.objective = objective;
    if (chosen.chosen != 0) {
        choice.score = chosen.score_ratio;
        choice.prompt = chosen.prompt_ratio;
        choice.generation = chosen.generation_ratio;
    }
    for (const PairResult& pair : chosen.retest.pairs)
        if (chosen.retested[pair.candidate] == chosen.chosen) choice.pairs = std::max(choice.pairs, pair.pairs);
    // Where llama.cpp would take a GPU by itself, or there are several, the device is a part of what was measured.
    choice.server_arguments = server_arguments(candidate, by_itself.device != "none");
    choice.model = result.model.description;
    choice.revision = revision_of(result, candidate.build);
    choice.cpu = result.conditions.cpu;
    return choice;
}

bool measured_in_a_rung(const ChooseResult& chosen, std::size_t arm) {
    return std::any_of(chosen.rungs.begin(), chosen.rungs.end(), [&](const Rung& rung) {
        return std::any_of(rung.arms.begin(), rung.arms.end(),
                           [&](const RungArm& entry) { return entry.arm == arm && entry.samples >= kLeastRounds; });
    });
}

/// A choice stands on measurements: of the default in the search at least, and of another arm in turn with the default,
/// unless the default cannot run. "" = it does.
std::string why_no_choice(const ChooseResult& chosen, const BenchResult& result) {
    const bool any = std::any_of(chosen.runs.begin(), chosen.runs.end(),
                                 [](const ArmRun& run) { return !run.measurement.dead.has_value(); });
    if (!any)
        return result.findings.empty()
                   ? "nothing could be measured"
                   : fmt::format("no candidate could be measured; {}: {}", printable(result.findings.front().candidate),
                                 printable(result.findings.front().text));
    if (chosen.chosen == 0)
        return measured_in_a_rung(chosen, 0) ? "" : "the time was too short to measure the default in the search";
    const bool default_runs = std::any_of(chosen.runs.begin(), chosen.runs.end(), [](const ArmRun& run) {
        return run.arm == 0 && !run.measurement.dead.has_value();
    });
    if (!default_runs) return measured_in_a_rung(chosen, chosen.chosen) ? "" : "the time was too short";
    if (chosen.overall_ratio >= kBeyondDoubt) return "";
    for (const PairResult& pair : chosen.retest.pairs)
        if (chosen.retested[pair.candidate] == chosen.chosen && pair.pairs > 0) return "";
    return "the time was too short to measure the winner against the default again";
}

}  // namespace

Result<BenchResult> run_choice(const BenchRequest& request, const Objective& objective,
                               const std::vector<std::string>& devices, ProcessRunner& processes,
                               const ProgressCall& progress) {
    const std::string question =
        fmt::format("choose {} for pp {:.3f} tg {:.3f}, memory {}, devices {}", question_of(request),
                    objective.prompt_weight, objective.generation_weight, objective.memory_ceiling_mib.value_or(0),
                    devices.empty() ? "none" : join(devices, " "));
    LF_ASSIGN(auto earlier, unfinished(request, question, {}));
    Recorder recorder(request, processes, std::move(earlier));
    recorder.result.question = question;
    LF_TRY(recorder.begin());
    DefaultArm by_itself;
    if (!devices.empty()) by_itself.device = devices.front();
    LF_ASSIGN(by_itself.variant, first_look(request, recorder));

    ChooseRequest search;
    if (request.builds.size() > 1)
        for (const InstalledBuild& build : request.builds) search.machine.builds.push_back(build.name);
    search.machine.cpu_variants = other_variants(request.builds.front(), by_itself.variant);
    search.machine.devices = devices;
    if (devices.empty() && !request.builds.front().cpu_variants.empty()) search.machine.default_device = "none";
    search.machine.cores = recorder.result.conditions.cores;
    search.machine.logical_cpus = recorder.result.conditions.cpus;
    search.machine.own_threads = recorder.result.runs.empty() ? 0 : recorder.result.runs.front().threads;
    search.objective = objective;
    search.wanted = {request.prompt_tokens, request.generated_tokens, 1, request.depths.front()};
    search.budget_seconds = request.budget_seconds - recorder.now();
    search.seed = request.seed;
    SearchMeasurer measurer(recorder, request);
    const ChooseResult chosen = choose(search, measurer, [&](const SearchProgress& p) {
        if (progress)
            progress({"",
                      p.phase == Phase::measure ? fmt::format("rung {}, {} candidates", p.rung + 1, p.live)
                                                : std::string(name_of(p.phase)),
                      p.runs_done, recorder.now(), p.seconds_left});
    });
    BenchResult& result = recorder.result;
    result.rungs = rungs_of(chosen, request.builds);
    std::vector<Candidate> retested;
    for (const std::size_t arm : chosen.retested) retested.push_back(candidate_of(chosen.arms[arm], request.builds));
    add_comparisons(chosen.retest, retested, result);
    for (const Candidate& candidate : retested)
        result.commands.push_back(recorder.command_for(candidate, chosen.retest.effort));
    for (const std::string& note : chosen.notes) result.warnings.push_back({"search", note, ""});
    if (chosen.error && chosen.error->id != "interrupted") return fail(*chosen.error);
    if (chosen.error)
        result.warnings.push_back(
            {"interrupted", "the search was interrupted", "go on with it: the same command and --resume"});
    const std::string why_none = chosen.error ? "" : why_no_choice(chosen, result);
    if (!chosen.error && why_none.empty()) result.choice = choice_of(chosen, request, objective, by_itself, result);
    LF_TRY(recorder.finish(result.choice.has_value()));
    if (!why_none.empty()) {
        Error error = world_error("bench-no-choice", "nothing was chosen: " + why_none,
                                  "give a larger --time-limit, or measure when the machine is idle");
        error.where.file = unfinished_file(request);
        return fail(std::move(error));
    }
    return std::move(result);
}

}  // namespace lf::bench
