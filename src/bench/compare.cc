// SPDX-License-Identifier: MIT
#include "bench/compare.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "bench/looks.h"
#include "bench/schedule.h"

namespace lf::bench {
namespace {

constexpr std::array kTests = {TestKind::prompt, TestKind::generation};
/// A look at fewer pairs is left out: no interval of theirs decides anything.
constexpr int kLeastPairs = 6;
/// Rounds that are begun must end within the budget although a run may be slower than those before it.
constexpr double kMargin = 1.2;

/// What is known of one candidate.
struct Contender {
    bool live = true;     ///< still measured; false: dead, or decided
    bool judged = false;  ///< decided or precise enough: its pairs are final
    Cost cost;            ///< from the trial
    std::vector<double> seconds;
    /// Log of the speed for each test, one a round; a round in which it was not measured: none.
    std::array<std::vector<std::optional<double>>, 2> logs;
};

struct Session {
    const CompareRequest& request;
    Measurer& measurer;
    const std::function<void(const SearchProgress&)>& progress;
    double started;
    Looks looks;
    CompareResult result;
    std::vector<Contender> contenders;

    double spent() { return measurer.now() - started; }
    double left() { return request.budget_seconds - spent(); }
};

bool asked(const Session& session, TestKind test) {
    return (test == TestKind::prompt ? session.request.wanted.prompt_tokens : session.request.wanted.generated_tokens) >
           0;
}
int tests_asked(const Session& session) {
    return static_cast<int>(
        std::count_if(kTests.begin(), kTests.end(), [&](TestKind test) { return asked(session, test); }));
}

std::vector<std::size_t> live(const Session& session) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < session.contenders.size(); ++i)
        if (session.contenders[i].live) result.push_back(i);
    return result;
}
/// The baseline alone has nothing to be compared with.
bool anything_to_compare(const Session& session) { return session.contenders.front().live && live(session).size() > 1; }

/// Seconds that the next run of a candidate will take: the median of those before it.
double expected_seconds(const Session& session, std::size_t candidate) {
    const Contender& contender = session.contenders[candidate];
    if (contender.seconds.empty()) return seconds_of(session.result.effort, contender.cost);
    std::vector<double> seconds = contender.seconds;
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::nth_element(seconds.begin(), middle, seconds.end());
    return *middle;
}
double round_seconds(const Session& session) {
    double sum = 0;
    for (const std::size_t i : live(session)) sum += expected_seconds(session, i);
    return sum;
}

void tell(Session& session, std::size_t candidate, const RunRequest& run) {
    if (!session.progress) return;
    session.progress({run.phase, run.rung, run.round, candidate, live(session).size(),
                      static_cast<int>(session.result.runs.size()), session.spent(), std::max(0.0, session.left())});
}

void kill(Session& session, std::size_t candidate, const std::string& why) {
    session.contenders[candidate].live = false;
    session.result.dead[candidate] = why;
}

enum class Ran { well, dead, out_of_time, failed };

Ran run_once(Session& session, std::size_t candidate, const RunRequest& run) {
    tell(session, candidate, run);
    auto measured = session.measurer.measure(candidate, run);
    if (!measured) {
        session.result.error = std::move(measured.error());
        session.result.stop = Stop::interrupted;
        return Ran::failed;
    }
    session.result.runs.push_back({candidate, run, *measured});
    if (!measured->dead) return Ran::well;
    // A run that the end of the budget ended is not the candidate's fault.
    if (run.phase != Phase::trial && session.left() <= 0) return Ran::out_of_time;
    kill(session, candidate, *measured->dead);
    return Ran::dead;
}

/// A short run of each; false ends the comparison.
bool run_trials(Session& session) {
    const Effort effort = trial_of(session.request.wanted);
    for (std::size_t i = 0; i < session.contenders.size(); ++i) {
        // Half of what is left: one that hangs leaves time for the others.
        const double limit = std::max(session.request.hard_budget ? 0.1 : 1.0, session.left() / 2);
        const Ran ran = run_once(session, i, {effort, Phase::trial, 0, 0, limit});
        if (ran == Ran::failed) return false;
        if (ran == Ran::well) session.contenders[i].cost = cost_of(effort, session.result.runs.back().measurement);
    }
    return true;
}

void choose_effort(Session& session) {
    const Effort& wanted = session.request.wanted;
    session.result.effort = wanted;
    session.result.effort.repetitions = std::max(1, wanted.repetitions);
    if (!session.request.trial) return;
    std::vector<Cost> costs;
    for (const std::size_t i : live(session)) costs.push_back(session.contenders[i].cost);
    // A hard budget does not forgive a round that takes longer: twice as many are planned.
    const int rounds = session.request.hard_budget ? 2 * kLeastRounds : kLeastRounds;
    const Effort fits = fitting(wanted, costs, rounds, session.left() / kMargin);
    session.result.effort.repetitions = fits.repetitions;
    if (session.request.shorten) session.result.effort = fits;
    session.result.shortened = session.result.effort.prompt_tokens != wanted.prompt_tokens ||
                               session.result.effort.generated_tokens != wanted.generated_tokens;
}

void take_sample(Session& session, std::size_t candidate, int round) {
    const Measurement& measurement = session.result.runs.back().measurement;
    Contender& contender = session.contenders[candidate];
    contender.seconds.push_back(measurement.seconds);
    for (std::size_t t = 0; t < kTests.size(); ++t) {
        contender.logs[t].resize(static_cast<std::size_t>(round) + 1);
        if (const auto speed = speed_of(measurement, kTests[t])) contender.logs[t].back() = std::log(*speed);
    }
}

/// log(candidate / baseline) of the rounds in which both were measured.
std::vector<double> log_ratios(const Session& session, std::size_t candidate, std::size_t test) {
    const auto& ours = session.contenders[candidate].logs[test];
    const auto& base = session.contenders.front().logs[test];
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(ours.size(), base.size()); ++i)
        if (ours[i] && base[i]) ratios.push_back(*ours[i] - *base[i]);
    return ratios;
}

PairResult& pair_of(Session& session, std::size_t candidate, TestKind test) {
    return *std::find_if(session.result.pairs.begin(), session.result.pairs.end(),
                         [&](const PairResult& pair) { return pair.candidate == candidate && pair.test == test; });
}

bool precise(const Session& session, const Estimate& ratio) {
    return std::log(ratio.high / ratio.low) / 2 <= session.request.precision;
}

void judge_pair(Session& session, std::size_t candidate, std::size_t test, double alpha) {
    const std::vector<double> ratios = log_ratios(session, candidate, test);
    PairResult& pair = pair_of(session, candidate, kTests[test]);
    pair.pairs = static_cast<int>(ratios.size());
    pair.ratio = carried_back(robust_interval(ratios, alpha, session.request.resamples, session.request.seed));
    pair.verdict = pair.ratio ? judge(*pair.ratio) : Verdict::cannot_tell;
    pair.outliers = outliers(ratios);
}

/// Both tests may err together with `alpha`. Y. Hochberg (Biometrika 75, 1988): if each differs at alpha, both do;
/// otherwise one of them must differ at half of it.
void judge_candidate(Session& session, std::size_t candidate, double alpha) {
    int differ = 0;
    for (std::size_t t = 0; t < kTests.size(); ++t) {
        if (!asked(session, kTests[t])) continue;
        judge_pair(session, candidate, t, alpha);
        if (pair_of(session, candidate, kTests[t]).verdict != Verdict::cannot_tell) ++differ;
    }
    if (differ == tests_asked(session)) return;
    for (std::size_t t = 0; t < kTests.size(); ++t)
        if (asked(session, kTests[t])) judge_pair(session, candidate, t, alpha / tests_asked(session));
}

/// True if an interval at this alpha settles every test of the candidate. Without the bootstrap, which is slow and can
/// only widen the interval.
bool seems_settled(const Session& session, std::size_t candidate, double alpha) {
    for (std::size_t t = 0; t < kTests.size(); ++t) {
        if (!asked(session, kTests[t])) continue;
        const std::vector<double> ratios = log_ratios(session, candidate, t);
        if (ratios.size() < static_cast<std::size_t>(kLeastPairs)) return false;
        const auto ratio = carried_back(trimmed_interval(ratios, alpha));
        if (!ratio || (judge(*ratio) == Verdict::cannot_tell && !precise(session, *ratio))) return false;
    }
    return true;
}

bool settled(Session& session, std::size_t candidate, double alpha) {
    if (!seems_settled(session, candidate, alpha)) return false;
    judge_candidate(session, candidate, alpha);
    for (std::size_t t = 0; t < kTests.size(); ++t) {
        if (!asked(session, kTests[t])) continue;
        const PairResult& pair = pair_of(session, candidate, kTests[t]);
        if (pair.verdict == Verdict::cannot_tell && !precise(session, *pair.ratio)) return false;
    }
    return true;
}

/// What is settled is not measured any more: the others get its time.
void look(Session& session, double fraction) {
    if (session.result.rounds < kLeastPairs || !session.looks.due(fraction)) return;
    const double alpha = session.looks.take(fraction);
    for (const std::size_t i : live(session)) {
        if (i == 0 || !settled(session, i, alpha)) continue;
        session.contenders[i].live = false;
        session.contenders[i].judged = true;
    }
}

void last_look(Session& session) {
    const double alpha = session.looks.rest();
    for (std::size_t i = 1; i < session.contenders.size(); ++i) {
        if (session.contenders[i].judged) continue;
        judge_candidate(session, i, alpha);
    }
}

/// Every live candidate once; false ends the comparison.
bool run_round(Session& session) {
    const int round = session.result.rounds;
    const bool must = round < kLeastRounds && !session.request.hard_budget;
    for (const std::size_t i : round_order(live(session), round, session.request.seed)) {
        const double left = session.left();
        if (!must && left <= 0) {
            session.result.stop = Stop::budget;
            return false;
        }
        const double limit = must ? std::max(left, session.request.budget_seconds / 2) : std::max(left, 0.1);
        const Ran ran = run_once(session, i, {session.result.effort, session.request.phase, round, 0, limit});
        if (ran == Ran::failed) return false;
        if (ran == Ran::out_of_time) {
            session.result.stop = Stop::budget;
            return false;
        }
        if (ran == Ran::well) take_sample(session, i, round);
    }
    ++session.result.rounds;
    return true;
}

/// Why no further round is run; none: go on.
std::optional<Stop> reason_to_stop(Session& session) {
    if (!anything_to_compare(session)) {
        const bool any = std::any_of(session.contenders.begin(), session.contenders.end(),
                                     [](const Contender& contender) { return contender.judged; });
        return any && session.contenders.front().live ? Stop::decided : Stop::nothing_runs;
    }
    if (session.result.rounds < kLeastRounds && !session.request.hard_budget) return std::nullopt;
    if (session.result.rounds >= session.request.most_rounds) return Stop::rounds;
    if (session.spent() + kMargin * round_seconds(session) > session.request.budget_seconds) return Stop::budget;
    return std::nullopt;
}

void run_rounds(Session& session) {
    for (;;) {
        if (const auto stop = reason_to_stop(session)) {
            session.result.stop = *stop;
            return;
        }
        if (!run_round(session)) return;
        look(session, std::max(session.spent() / session.request.budget_seconds,
                               static_cast<double>(session.result.rounds) / session.request.most_rounds));
    }
}

/// All settled without a difference found: "precise".
void refine_stop(CompareResult& result) {
    if (result.stop != Stop::decided) return;
    if (std::all_of(result.pairs.begin(), result.pairs.end(),
                    [](const PairResult& pair) { return pair.verdict == Verdict::cannot_tell; }))
        result.stop = Stop::precise;
}

}  // namespace

std::string_view name_of(Stop stop) {
    constexpr std::array<std::string_view, 6> kNames = {"every comparison is decided",
                                                        "every comparison is precise enough",
                                                        "the time budget is used up",
                                                        "all rounds asked for are done",
                                                        "interrupted",
                                                        "nothing is left to compare"};
    return kNames.at(static_cast<std::size_t>(stop));
}

CompareResult compare(const CompareRequest& request, Measurer& measurer,
                      const std::function<void(const SearchProgress&)>& progress) {
    Session session{request, measurer, progress, measurer.now(), Looks(request.alpha), {}, {}};
    session.contenders.resize(request.candidates);
    session.result.dead.resize(request.candidates);
    for (std::size_t i = 1; i < request.candidates; ++i)
        for (const TestKind test : kTests)
            if (asked(session, test)) session.result.pairs.push_back({i, test, 0, {}, {}, {}});
    bool go_on = request.candidates > 0;
    if (go_on && request.trial) go_on = run_trials(session);
    if (go_on) {
        choose_effort(session);
        run_rounds(session);
    }
    last_look(session);
    refine_stop(session.result);
    session.result.seconds = session.spent();
    return std::move(session.result);
}

}  // namespace lf::bench
