// SPDX-License-Identifier: MIT
#include "bench/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bench/halving.h"

namespace lf::bench {
namespace {

/// Parts of the budget by whose end the questions are answered; the rest is for the re-test.
constexpr double kVariantsUntil = 0.5;
constexpr double kParametersUntil = 0.65;
constexpr double kUbatchUntil = 0.75;
/// The ubatch needs long prompts: it is tried only where three rounds of them take no more of the budget than this.
constexpr double kUbatchShare = 0.1;
constexpr int kUbatchRounds = 3;
/// Sizes at which variants, devices and threads are told apart; see fitting() for why no longer ones.
constexpr int kShortPrompt = 128;
constexpr int kShortAnswer = 32;
constexpr std::size_t kFinalists = 2;

/// Tests without weight are not run while arms are many.
Effort short_effort(const ChooseRequest& request) {
    Effort effort = request.wanted;
    effort.prompt_tokens = request.objective.prompt_weight > 0 ? std::min(effort.prompt_tokens, kShortPrompt) : 0;
    effort.generated_tokens =
        request.objective.generation_weight > 0 ? std::min(effort.generated_tokens, kShortAnswer) : 0;
    return effort;
}

std::size_t add_arm(ChooseSession& session, const Arm& arm) {
    const auto known = std::find(session.result.arms.begin(), session.result.arms.end(), arm);
    if (known != session.result.arms.end()) return static_cast<std::size_t>(known - session.result.arms.begin());
    session.result.arms.push_back(arm);
    session.states.emplace_back();
    return session.result.arms.size() - 1;
}

std::vector<std::size_t> first_few(std::vector<std::size_t> arms, std::size_t most) {
    if (arms.size() > most) arms.resize(most);
    return arms;
}

std::vector<std::size_t> ask_variants(ChooseSession& session) {
    Question question{"CPU variant and device", {}, short_effort(session.request), true, 0, kFinalists};
    for (const Arm& arm : first_arms(session.request.machine)) question.arms.push_back(add_arm(session, arm));
    question.until = kVariantsUntil * session.request.budget_seconds;
    return answer(session, question);
}

/// Threads and flash attention around the best two of the first question. A change that is clearly better is taken; two
/// such changes of one arm are taken together, as the re-test shows whether they hinder each other.
std::vector<std::size_t> ask_parameters(ChooseSession& session, const std::vector<std::size_t>& best) {
    Question question{"threads and flash attention", best, short_effort(session.request), true, 0, kFinalists};
    std::map<std::size_t, std::vector<std::size_t>> changes;
    for (const std::size_t base : best)
        for (const Arm& next : neighbours(Arm(session.result.arms[base]), session.request.machine, 0)) {
            const std::size_t arm = add_arm(session, next);
            changes[base].push_back(arm);
            if (std::find(question.arms.begin(), question.arms.end(), arm) == question.arms.end())
                question.arms.push_back(arm);
        }
    question.until = kParametersUntil * session.request.budget_seconds;
    const std::vector<std::size_t> ranking = answer(session, question);
    std::vector<std::size_t> finalists;
    for (const std::size_t base : best) {
        Arm arm = session.result.arms[base];
        for (const std::size_t change : ranking) {
            const auto& of_base = changes[base];
            if (std::find(of_base.begin(), of_base.end(), change) == of_base.end()) continue;
            if (!clearly_ahead(session, question.arms, change, base)) continue;
            const Arm& changed = session.result.arms[change];
            if (arm.threads == 0) arm.threads = changed.threads;
            if (arm.flash_attention.empty()) arm.flash_attention = changed.flash_attention;
        }
        finalists.push_back(add_arm(session, arm));
    }
    return finalists;
}

/// Seconds of one run of the arm with that effort, by its runs so far.
double seconds_of_arm(const ChooseSession& session, std::size_t arm, const Effort& effort) {
    const auto& cost = session.states[arm].cost;
    return cost ? seconds_of(effort, *cost) : 0;
}

/// Micro-batch sizes for the best arm. They matter for prompts longer than the batch only.
std::vector<std::size_t> ask_ubatch(ChooseSession& session, std::vector<std::size_t> ranking) {
    const Effort wanted{session.request.wanted.prompt_tokens,
                        session.request.objective.generation_weight > 0 ? kShortAnswer / 2 : 0, 1,
                        session.request.wanted.depth};
    const std::vector<int> sizes = ubatch_sizes(wanted.prompt_tokens);
    if (session.request.objective.prompt_weight <= 0 || ranking.empty() || sizes.empty()) return ranking;
    const std::size_t base = ranking.front();
    Question question{"ubatch", {base}, wanted, false, 0, 1};
    const double round = seconds_of_arm(session, base, wanted) * static_cast<double>(sizes.size() + 1) +
                         seconds_of_arm(session, 0, wanted);
    if (round * kUbatchRounds > kUbatchShare * session.request.budget_seconds) {
        session.result.notes.push_back(fmt::format(
            "ubatch was not tried: prompts of {} tokens, which it needs, take too much of the time budget here",
            wanted.prompt_tokens));
        return ranking;
    }
    for (const int size : sizes) {
        Arm arm = session.result.arms[base];
        if (size == 512) continue;
        arm.ubatch = size;
        question.arms.push_back(add_arm(session, arm));
    }
    question.until = kUbatchUntil * session.request.budget_seconds;
    const std::vector<std::size_t> best = answer(session, question);
    if (!best.empty() && best.front() != base && clearly_ahead(session, question.arms, best.front(), base))
        ranking.insert(ranking.begin(), best.front());
    return ranking;
}

/// The re-test's candidates are arms of the choice.
class FinalMeasurer : public Measurer {
  public:
    explicit FinalMeasurer(ChooseSession& session) : session_(session) {}
    Result<Measurement> measure(std::size_t candidate, const RunRequest& request) override {
        RunRequest run = request;
        run.rung = static_cast<int>(session_.result.rungs.size());
        auto measurement = session_.measurer.measure(session_.result.arms[session_.result.retested[candidate]], run);
        const auto ceiling = session_.request.objective.memory_ceiling_mib;
        if (measurement && ceiling && measurement->memory_mib.value_or(0) > *ceiling && !measurement->dead)
            measurement->dead =
                fmt::format("it needs {} MiB, more than the {} allowed", *measurement->memory_mib, *ceiling);
        return measurement;
    }
    double now() override { return session_.measurer.now(); }

  private:
    ChooseSession& session_;
};

void retest(ChooseSession& session) {
    CompareRequest request;
    request.candidates = session.result.retested.size();
    request.wanted = session.request.wanted;
    request.wanted.repetitions = 0;
    // What was gained with long prompts must show with long prompts.
    const bool long_prompts = std::any_of(session.result.retested.begin(), session.result.retested.end(),
                                          [&](std::size_t arm) { return session.result.arms[arm].ubatch != 0; });
    if (!long_prompts) request.wanted.prompt_tokens = std::min(request.wanted.prompt_tokens, kShortPrompt);
    request.wanted.generated_tokens = std::min(request.wanted.generated_tokens, kShortAnswer);
    request.shorten = !long_prompts;
    request.budget_seconds = std::max(0.0, session.left());
    request.hard_budget = true;
    request.phase = Phase::retest;
    request.seed = session.request.seed + 1'000;
    request.resamples = session.request.resamples;
    FinalMeasurer measurer(session);
    const int before = static_cast<int>(session.result.runs.size());
    const double spent = session.spent();
    session.result.retest = compare(request, measurer, [&](const SearchProgress& progress) {
        if (!session.progress) return;
        SearchProgress ours = progress;
        ours.candidate = session.result.retested[progress.candidate];
        ours.rung = static_cast<int>(session.result.rungs.size());
        ours.runs_done += before;
        ours.seconds_spent += spent;
        session.progress(ours);
    });
    session.result.error = session.result.retest.error;
}

/// Logs of how many times the default's score a finalist's is, a round of the re-test each.
std::vector<double> score_ratios(const ChooseSession& session, std::size_t candidate) {
    std::map<int, double> base, ours;
    for (const RunRecord& run : session.result.retest.runs) {
        if (run.request.phase != Phase::retest || run.measurement.dead) continue;
        const auto score = log_score(session.request.objective, run.measurement);
        if (score && run.candidate == 0) base[run.request.round] = *score;
        if (score && run.candidate == candidate) ours[run.request.round] = *score;
    }
    std::vector<double> ratios;
    for (const auto& [round, score] : ours)
        if (const auto other = base.find(round); other != base.end()) ratios.push_back(score - other->second);
    return ratios;
}

/// The same by all runs that were made in turn with the default's.
std::vector<double> all_score_ratios(const ChooseSession& session, std::size_t candidate) {
    std::vector<double> ratios = score_ratios(session, candidate);
    const std::size_t arm = session.result.retested[candidate];
    if (arm < session.ahead.size()) ratios.insert(ratios.end(), session.ahead[arm].begin(), session.ahead[arm].end());
    return ratios;
}

std::optional<Estimate> ratio_of(const CompareResult& result, std::size_t candidate, TestKind test) {
    for (const PairResult& pair : result.pairs)
        if (pair.candidate == candidate && pair.test == test) return pair.ratio;
    return std::nullopt;
}

std::string percent(double ratio) { return fmt::format("{:+.1f} %", (ratio - 1) * 100); }

/// The finalist that is furthest ahead of the default by all runs, and how far; 0 if none was measured often enough.
std::size_t best_finalist(ChooseSession& session) {
    ChooseResult& result = session.result;
    std::size_t best = 0;
    for (std::size_t i = 1; i < result.retested.size(); ++i) {
        const std::vector<double> ratios = all_score_ratios(session, i);
        if (result.retest.dead[i] || ratios.size() < kLeastRounds) continue;
        const double overall = std::exp(*trimmed_mean(ratios));
        if (best != 0 && result.overall_ratio >= overall) continue;
        best = i;
        result.overall_ratio = overall;
    }
    return best;
}

/// The better finalist, if it is ahead of the default by what matters; otherwise the default.
void decide(ChooseSession& session) {
    ChooseResult& result = session.result;
    const std::size_t best = best_finalist(session);
    const std::vector<double> ratios = best == 0 ? std::vector<double>{} : score_ratios(session, best);
    const bool retested = ratios.size() >= kLeastRounds;
    if (best == 0 || (!retested && result.overall_ratio < kBeyondDoubt)) {
        result.reason = "the default is kept: nothing else was measured often enough";
        return;
    }
    const std::string name = describe(result.arms[result.retested[best]]);
    if (!retested) {
        result.chosen = result.retested[best];
        result.verdict = Verdict::faster;
        result.reason = fmt::format("{} was {:.1f} times as fast as the default, too slow for a whole re-test", name,
                                    result.overall_ratio);
        return;
    }
    result.score_ratio = carried_back(robust_interval(ratios, kAlpha, session.request.resamples, session.request.seed));
    result.prompt_ratio = ratio_of(result.retest, best, TestKind::prompt);
    result.generation_ratio = ratio_of(result.retest, best, TestKind::generation);
    result.verdict = judge(*result.score_ratio);
    const std::string score =
        fmt::format("{} in the re-test, {} in all", percent(result.score_ratio->mean), percent(result.overall_ratio));
    if (result.overall_ratio < 1 + kLeastEffect || result.score_ratio->mean < 1) {
        result.reason = fmt::format("the default is kept: the best other, {}, scored {}", name, score);
        return;
    }
    result.chosen = result.retested[best];
    result.reason = result.verdict == Verdict::faster
                        ? fmt::format("{} was faster than the default: {}", name, score)
                        : fmt::format("{} was no slower than the default: {}, within the noise", name, score);
}

void finish(ChooseSession& session, const std::vector<std::size_t>& ranking) {
    ChooseResult& result = session.result;
    const auto& no_default = session.states.front().dropped;
    std::vector<std::size_t> others = ranking;
    std::erase(others, std::size_t{0});
    if (no_default && !others.empty()) {
        result.chosen = others.front();
        result.reason = fmt::format("the default cannot be used ({}); this was the fastest of the others", *no_default);
        return;
    }
    if (others.empty()) {
        result.reason = "the default is kept: nothing else is left to compare it with";
        return;
    }
    result.retested = {0};
    for (const std::size_t arm : first_few(others, kFinalists)) result.retested.push_back(arm);
    retest(session);
    decide(session);
}

}  // namespace

ChooseResult choose(const ChooseRequest& request, ArmMeasurer& measurer,
                    const std::function<void(const SearchProgress&)>& progress) {
    ChooseSession session{request, measurer, progress, measurer.now(), {}, {}, {}};
    std::vector<std::size_t> ranking = ask_variants(session);
    if (!session.result.error && !ranking.empty()) ranking = ask_parameters(session, first_few(ranking, kFinalists));
    if (!session.result.error) ranking = ask_ubatch(session, ranking);
    if (session.result.error) session.result.reason = "the default is kept: the search was ended before the re-test";
    else finish(session, ranking);
    session.result.seconds = session.spent();
    return std::move(session.result);
}

}  // namespace lf::bench
