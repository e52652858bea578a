// SPDX-License-Identifier: MIT
//
// One run = one process of llama-bench = one candidate. Runs are short and many and take turns, because what varies
// most on a real machine is its state from minute to minute, not the program. What runs next is decided by compare.cc,
// which knows nothing of processes; recorder.cc starts them and writes everything down.
#include "bench/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/text.h"
#include "bench/candidates.h"
#include "bench/compare.h"
#include "bench/recorder.h"
#include "bench/resume.h"

namespace lf::bench {
namespace {

/// No run is given less than this: the first one also reads the model from the disk.
constexpr double kLeastRunSeconds = 20;

class CandidateMeasurer final : public Measurer {
  public:
    CandidateMeasurer(Recorder& recorder, std::vector<Candidate> candidates)
        : recorder_(recorder), candidates_(std::move(candidates)) {}
    Result<Measurement> measure(std::size_t candidate, const RunRequest& request) override {
        return recorder_.run({candidates_[candidate], std::string(name_of(request.phase)), request.round,
                              request.phase == Phase::measure, request.effort, request.limit_seconds});
    }
    double now() override { return recorder_.now(); }

  private:
    Recorder& recorder_;
    std::vector<Candidate> candidates_;
};

CompareRequest question(const BenchRequest& request, std::size_t candidates, int depth, double budget) {
    CompareRequest question;
    question.candidates = candidates;
    question.wanted = {request.prompt_tokens, request.generated_tokens, 0, depth};
    question.budget_seconds = budget;
    question.most_rounds = request.most_rounds;
    question.seed = request.seed;
    return question;
}

void warn_of_comparison(const CompareResult& compared, const Effort& wanted, BenchResult& result) {
    if (compared.shortened)
        result.warnings.push_back({"short-runs",
                                   fmt::format("runs of {} instead of {}, so that enough rounds fit into the time",
                                               test_of(compared.effort), test_of(wanted)),
                                   "give a larger --time-limit"});
    if (compared.stop == Stop::budget)
        result.warnings.push_back({"budget",
                                   fmt::format("the time was used up after {} rounds: an interval may be wider than it "
                                               "need be",
                                               compared.rounds),
                                   "give a larger --time-limit"});
    if (compared.rounds > 0 && compared.rounds < kLeastRounds)
        result.warnings.push_back(
            {"few-rounds", "fewer than 3 rounds: the intervals say next to nothing", "give a larger --time-limit"});
}

/// A candidate that there is nothing to compare with: its own speed, as often as the time allows but no oftener than an
/// interval needs.
CompareResult measure_alone(const CompareRequest& asked, Measurer& measurer,
                            const std::function<void(const SearchProgress&)>& progress) {
    constexpr int kRounds = 7;
    CompareResult alone;
    alone.effort = asked.wanted;
    alone.effort.repetitions = 1;
    const double began = measurer.now();
    for (int round = 0; round < std::min(kRounds, asked.most_rounds); ++round) {
        const double spent = measurer.now() - began;
        if (round > 0 && spent + spent / round > asked.budget_seconds) {
            alone.stop = Stop::budget;
            break;
        }
        progress({Phase::measure, 0, round, 0, 1, round, spent, asked.budget_seconds - spent});
        const auto run = measurer.measure(
            0, {alone.effort, Phase::measure, round, 0, std::max(kLeastRunSeconds, asked.budget_seconds - spent)});
        if (!run) alone.error = run.error();
        if (!run || run->dead) break;
        alone.rounds = round + 1;
        alone.stop = Stop::rounds;
    }
    return alone;
}

ProgressCall nothing() {
    return [](const Progress&) {};
}

Done check_request(const BenchRequest& request) {
    const bool tokens = request.prompt_tokens >= 0 && request.generated_tokens >= 0 &&
                        request.prompt_tokens + request.generated_tokens > 0;
    if (tokens && !request.builds.empty() && !request.depths.empty() && request.budget_seconds > 0) return {};
    return fail(usage_error("bench-request", "nothing to measure: give a build, tokens, a depth and some time"));
}

/// Nothing at all could be measured: that is no result. The file keeps every failure.
Error nothing_ran(const BenchRequest& request, const BenchResult& result) {
    const Finding& first = result.findings.front();
    Error error = world_error(
        "bench-nothing-runs",
        fmt::format("no candidate could be measured; {}: {}", printable(first.candidate), printable(first.text)),
        "run one of the commands in that file by hand to see what it prints");
    error.where.file = unfinished_file(request);
    return error;
}

CompareResult compare_candidates(const BenchRequest& request, int depth, double until,
                                 const std::vector<Candidate>& candidates, Recorder& recorder,
                                 const ProgressCall& tell) {
    CandidateMeasurer measurer(recorder, candidates);
    const CompareRequest asked = question(request, candidates.size(), depth, until - recorder.now());
    const auto tell_search = [&](const SearchProgress& p) {
        tell(
            {candidates[p.candidate].name, std::string(name_of(p.phase)), p.runs_done, recorder.now(), p.seconds_left});
    };
    CompareResult compared =
        candidates.size() == 1 ? measure_alone(asked, measurer, tell_search) : compare(asked, measurer, tell_search);
    add_comparisons(compared, candidates, recorder.result);
    warn_of_comparison(compared, asked.wanted, recorder.result);
    return compared;
}

/// All candidates against the first. If that one cannot run, the others are compared with the first that can.
std::optional<Error> compare_at(const BenchRequest& request, int depth, double until, Recorder& recorder,
                                const ProgressCall& tell) {
    std::vector<Candidate> candidates = recorder.result.candidates;
    while (true) {
        const CompareResult compared = compare_candidates(request, depth, until, candidates, recorder, tell);
        const bool first_ran = compared.dead.empty() || !compared.dead.front();
        std::vector<Candidate> rest;
        for (std::size_t i = 0; i < candidates.size(); ++i)
            if (compared.dead.empty() || !compared.dead[i]) rest.push_back(candidates[i]);
        if (compared.error || first_ran || rest.empty()) {
            if (recorder.result.commands.empty())
                for (const Candidate& candidate : recorder.result.candidates)
                    recorder.result.commands.push_back(recorder.command_for(candidate, compared.effort));
            return compared.error;
        }
        recorder.result.warnings.push_back({"baseline",
                                            fmt::format("{} cannot run, so the others are compared with {}",
                                                        candidates.front().name, rest.front().name),
                                            ""});
        candidates = std::move(rest);
    }
}

}  // namespace

Result<BenchResult> run_comparison(const BenchRequest& request, const std::vector<Candidate>& candidates,
                                   ProcessRunner& processes, const ProgressCall& progress) {
    LF_TRY(check_request(request));
    LF_TRY(check_candidates(candidates, request.builds));
    const std::string question = fmt::format("compare {}", question_of(request));
    LF_ASSIGN(auto earlier, unfinished(request, question, candidates));
    Recorder recorder(request, processes, std::move(earlier));
    recorder.result.question = question;
    recorder.result.candidates = candidates;
    LF_TRY(recorder.begin());
    const ProgressCall& tell = progress ? progress : nothing();
    std::optional<Error> ended;
    for (std::size_t i = 0; i < request.depths.size() && !ended; ++i) {
        const auto left = static_cast<double>(request.depths.size() - i);
        ended = compare_at(request, request.depths[i],
                           recorder.now() + (request.budget_seconds - recorder.now()) / left, recorder, tell);
    }
    if (ended && ended->id != "interrupted") return fail(std::move(*ended));
    if (ended)
        recorder.result.warnings.push_back(
            {"interrupted", "the measurement was interrupted", "go on with it: the same command and --resume"});
    summarize(recorder.result);
    const bool none_ran = recorder.result.summaries.empty() && !recorder.result.findings.empty();
    LF_TRY(recorder.finish(!ended && !none_ran));
    if (!ended && none_ran) return fail(nothing_ran(request, recorder.result));
    return std::move(recorder.result);
}

}  // namespace lf::bench
