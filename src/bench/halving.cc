// SPDX-License-Identifier: MIT
#include "bench/halving.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bench/schedule.h"

namespace lf::bench {
namespace {

/// An arm this many times as slow as the fastest in two short runs is not run again. One is not enough: on the recorded
/// machine one run in thirty was disturbed that much.
constexpr double kHopeless = 3;
/// A second run must not take more of the budget than this.
constexpr double kSecondRunShare = 0.01;
/// Rounds of the first rung: of three runs the middle one is taken, and two of three are rarely disturbed.
constexpr int kFirstRounds = 3;
/// An arm leaves when it is this many standard errors behind the leader.
constexpr double kErrorsBehind = 2.5;
/// With fewer rounds than this an arm leaves only if even its best run is that far behind.
constexpr std::size_t kFewRounds = 5;
/// More rounds are no use once all differences are known to half of what matters; and never more than this many.
constexpr int kMostRounds = 400;
/// A changed parameter is taken if it is this many standard errors better than what it was changed from.
constexpr double kErrorsAhead = 1.5;
/// Rounds that are begun must end in time although a run may be slower than those before it.
constexpr double kMargin = 1.2;

bool in_question(const Question& question, std::size_t arm) {
    return std::find(question.arms.begin(), question.arms.end(), arm) != question.arms.end();
}

/// Those that are measured: what is left of the question's arms, and the control.
std::vector<std::size_t> measured(const ChooseSession& session, const Question& question) {
    std::vector<std::size_t> arms;
    if (!in_question(question, 0)) arms.push_back(0);
    arms.insert(arms.end(), question.arms.begin(), question.arms.end());
    std::erase_if(arms, [&](std::size_t arm) { return session.states[arm].dropped.has_value(); });
    return arms;
}
/// Those that may still win; the control is no rival unless it is one of the question's arms.
std::vector<std::size_t> rivals(const ChooseSession& session, const Question& question) {
    std::vector<std::size_t> arms = question.arms;
    std::erase_if(arms, [&](std::size_t arm) { return session.states[arm].dropped.has_value(); });
    return arms;
}

double median(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    const std::size_t n = numbers.size();
    return n % 2 == 1 ? numbers[n / 2] : (numbers[n / 2 - 1] + numbers[n / 2]) / 2;
}

std::vector<double> known(const std::vector<std::optional<double>>& scores) {
    std::vector<double> result;
    for (const auto& score : scores)
        if (score) result.push_back(*score);
    return result;
}

/// Typical log score so far: that of the first run while there are no rounds.
double typical(const ArmState& state) {
    const std::vector<double> scores = known(state.scores);
    if (scores.empty()) return state.first_score.value_or(-HUGE_VAL);
    return scores.size() < kFewRounds ? median(scores) : *trimmed_mean(scores);
}

double middle(const std::vector<double>& numbers) {
    return numbers.size() < kFewRounds ? median(numbers) : *trimmed_mean(numbers);
}

/// The middle score of the arms in each round: what the machine was like.
std::vector<double> round_levels(const ChooseSession& session, const std::vector<std::size_t>& arms) {
    std::size_t rounds = 0;
    for (const std::size_t arm : arms) rounds = std::max(rounds, session.states[arm].scores.size());
    std::vector<double> levels(rounds);
    for (std::size_t i = 0; i < rounds; ++i) {
        std::vector<double> scores;
        for (const std::size_t arm : arms)
            if (const auto& all = session.states[arm].scores; i < all.size() && all[i]) scores.push_back(*all[i]);
        if (!scores.empty()) levels[i] = median(scores);
    }
    return levels;
}

/// The best first: by how far they were above the others in their rounds, before any round by their first runs.
std::vector<std::size_t> ranked(const ChooseSession& session, std::vector<std::size_t> arms) {
    const std::vector<double> levels = round_levels(session, arms);
    std::map<std::size_t, double> height;
    for (const std::size_t arm : arms) {
        const ArmState& state = session.states[arm];
        std::vector<double> above;
        for (std::size_t i = 0; i < state.scores.size(); ++i)
            if (state.scores[i]) above.push_back(*state.scores[i] - levels[i]);
        height[arm] = !levels.empty() && !above.empty() ? middle(above) : typical(state) - (levels.empty() ? 0 : 1e3);
    }
    std::stable_sort(arms.begin(), arms.end(), [&](std::size_t a, std::size_t b) { return height[a] > height[b]; });
    return arms;
}

/// How much the difference of two arms varies from round to round: one number for all arms, as a few rounds of one arm
/// say too little. From the median of the absolute deviations, which runs that were disturbed do not move.
double spread_of_differences(const ChooseSession& session, const std::vector<std::size_t>& arms, std::size_t leader) {
    std::vector<double> deviations;
    for (const std::size_t arm : arms) {
        if (arm == leader) continue;
        const std::vector<double> gaps = differences(session.states[arm], session.states[leader]);
        if (gaps.size() < 2) continue;
        const double centre = middle(gaps);
        const auto n = static_cast<double>(gaps.size());
        for (const double x : gaps) deviations.push_back(std::abs(x - centre) * std::sqrt(n / (n - 1)));
    }
    return deviations.empty() ? 0 : 1.4826 * median(deviations);
}

void drop(ChooseSession& session, std::size_t arm, std::string why) { session.states[arm].dropped = std::move(why); }

/// The control is slow and stays: it is then run in one round of each rung only.
bool slow_control(const ChooseSession& session, std::size_t arm, std::size_t leader) {
    return arm == 0 && typical(session.states[leader]) - typical(session.states[0]) > std::log(kHopeless);
}

/// The arms that were so many times as slow as the fastest.
std::vector<std::size_t> hopeless(const ChooseSession& session, const Question& question, double times) {
    std::vector<std::size_t> arms = ranked(session, rivals(session, question));
    if (arms.empty()) return arms;
    const double best = typical(session.states[arms.front()]);
    std::erase_if(arms,
                  [&](std::size_t arm) { return arm == 0 || best - typical(session.states[arm]) <= std::log(times); });
    return arms;
}

void drop_hopeless(ChooseSession& session, const Question& question, double times) {
    const std::vector<std::size_t> arms = hopeless(session, question, times);
    if (arms.empty()) return;
    const double best = typical(session.states[ranked(session, rivals(session, question)).front()]);
    for (const std::size_t arm : arms)
        drop(session, arm,
             fmt::format("{:.1f} times as slow as the fastest in a first, short run",
                         std::exp(best - typical(session.states[arm]))));
}

/// Ten times as long as the fastest one took is too long for a first run.
double trial_limit(ChooseSession& session, const std::vector<std::size_t>& arms) {
    double fastest = HUGE_VAL;
    for (const ArmRun& run : session.result.runs)
        if (!run.measurement.dead && run.request.phase == Phase::trial &&
            std::find(arms.begin(), arms.end(), run.arm) != arms.end())
            fastest = std::min(fastest, run.measurement.seconds);
    const double most = std::max(1.0, session.left() / 3);
    return std::isfinite(fastest) ? std::min(most, std::max(3.0, 10 * fastest)) : most;
}

/// One short run each; the better of two counts. False: an error.
bool run_trial(ChooseSession& session, const Question& question, int number, const std::vector<std::size_t>& arms,
               int round) {
    const Effort effort = trial_of(question.wanted);
    for (const std::size_t arm : arms) {
        ArmState& state = session.states[arm];
        if (session.spent() > question.until) {
            if (arm != 0 && !state.cost) drop(session, arm, "there was no time for it");
            continue;
        }
        // The default gets more time than the others: without it nothing can be chosen.
        const double limit = arm == 0 ? std::max(1.0, session.left() / 3) : trial_limit(session, arms);
        if (!run_arm(session, arm, {effort, Phase::trial, round, number, limit})) return false;
        if (state.dropped || session.result.runs.back().measurement.dead) continue;
        const Measurement& measurement = session.result.runs.back().measurement;
        const auto score = log_score(session.request.objective, measurement);
        if (!score) drop(session, arm, "it gave no speed");
        if (!score || (state.first_score && *state.first_score >= *score)) continue;
        state.first_score = score;
        state.cost = cost_of(effort, measurement);
    }
    return true;
}

bool run_trials(ChooseSession& session, const Question& question, int number) {
    if (!run_trial(session, question, number, measured(session, question), 0)) return false;
    std::vector<std::size_t> again = hopeless(session, question, kHopeless);
    std::erase_if(again, [&](std::size_t arm) {
        const auto& cost = session.states[arm].cost;
        return !cost || seconds_of(trial_of(question.wanted), *cost) > kSecondRunShare * session.request.budget_seconds;
    });
    if (!run_trial(session, question, number, again, 1)) return false;
    drop_hopeless(session, question, kHopeless);
    return true;
}

double expected_seconds(const ArmState& state, const Effort& effort) {
    return state.seconds.empty() ? seconds_of(effort, state.cost.value_or(Cost{})) : median(state.seconds);
}
double rung_seconds(const ChooseSession& session, const Question& question, const Effort& effort, int rounds) {
    const std::vector<std::size_t> order = ranked(session, rivals(session, question));
    double sum = 0;
    for (const std::size_t arm : measured(session, question)) {
        const bool once = !order.empty() && slow_control(session, arm, order.front());
        sum += (once ? 1 : rounds) * expected_seconds(session.states[arm], effort);
    }
    return kMargin * sum;
}

Effort effort_of(ChooseSession& session, const Question& question) {
    if (!question.shorten) return question.wanted;
    std::vector<Cost> costs;
    const std::vector<std::size_t> order = ranked(session, rivals(session, question));
    for (const std::size_t arm : measured(session, question))
        if (session.states[arm].cost && !slow_control(session, arm, order.front()))
            costs.push_back(*session.states[arm].cost);
    return fitting(question.wanted, costs, kFirstRounds, (question.until - session.spent()) / kMargin);
}

/// The slowest leave until the rung fits.
void make_room(ChooseSession& session, const Question& question, const Effort& effort, int rounds) {
    for (;;) {
        const std::vector<std::size_t> order = ranked(session, rivals(session, question));
        if (order.size() <= question.keep) return;
        if (rung_seconds(session, question, effort, rounds) <= question.until - session.spent()) return;
        const std::size_t last = order.back() != 0 ? order.back() : order[order.size() - 2];
        if (last == 0) return;
        drop(session, last, "the slowest of those left, and there was no time to measure all of them longer");
        for (RungArm& row : session.result.rungs.back().arms)
            if (row.arm == last) row.dropped = session.states[last].dropped;
    }
}

/// False: an error, or the budget is used up.
bool run_round(ChooseSession& session, const Question& question, const Effort& effort, int number, int round,
               bool first_of_rung) {
    const std::vector<std::size_t> arms = measured(session, question);
    const std::size_t leader = ranked(session, rivals(session, question)).front();
    for (const std::size_t arm : round_order(arms, round, session.request.seed + static_cast<std::uint64_t>(number))) {
        if (!first_of_rung && slow_control(session, arm, leader)) continue;
        if (session.left() <= 0) return false;
        const double limit = std::max(0.1, session.left());
        if (!run_arm(session, arm, {effort, Phase::measure, round, number, limit})) return false;
        ArmState& state = session.states[arm];
        const Measurement& measurement = session.result.runs.back().measurement;
        if (measurement.dead) continue;
        state.seconds.push_back(measurement.seconds);
        state.scores.resize(static_cast<std::size_t>(round) + 1);
        state.scores.back() = log_score(session.request.objective, measurement);
        if (const auto speed = speed_of(measurement, TestKind::prompt)) state.prompt_speeds.push_back(*speed);
        if (const auto speed = speed_of(measurement, TestKind::generation)) state.generation_speeds.push_back(*speed);
    }
    return true;
}

std::optional<Estimate> speed_estimate(const std::vector<double>& speeds) {
    std::vector<double> logs(speeds.size());
    std::transform(speeds.begin(), speeds.end(), logs.begin(), [](double x) { return std::log(x); });
    return carried_back(trimmed_interval(logs));
}

RungArm row_of(const ChooseSession& session, std::size_t arm, std::size_t leader, double spread) {
    const ArmState& state = session.states[arm];
    RungArm row;
    row.arm = arm;
    row.samples = static_cast<int>(state.seconds.size());
    row.prompt_speed = speed_estimate(state.prompt_speeds);
    row.generation_speed = speed_estimate(state.generation_speeds);
    const std::vector<double> gaps = differences(state, session.states[leader]);
    if (gaps.size() >= 2) {
        const double half = 1.96 * spread / std::sqrt(static_cast<double>(gaps.size()));
        row.score = carried_back(Estimate{middle(gaps), middle(gaps) - half, middle(gaps) + half});
    }
    return row;
}

/// Who is clearly behind the leader leaves; the rung is written down with everybody who took part.
void close_rung(ChooseSession& session, const Question& question, Rung& rung,
                const std::vector<std::size_t>& took_part) {
    const std::vector<std::size_t> left = rivals(session, question);
    const std::size_t leader = left.empty() ? 0 : ranked(session, left).front();
    const double spread = spread_of_differences(session, left, leader);
    for (const std::size_t arm : took_part) {
        RungArm row = row_of(session, arm, leader, spread);
        const std::vector<double> gaps = differences(session.states[arm], session.states[leader]);
        const bool rival = std::find(left.begin(), left.end(), arm) != left.end();
        if (rival && arm != 0 && arm != leader && gaps.size() >= kFirstRounds) {
            const double error = spread / std::sqrt(static_cast<double>(gaps.size()));
            const double gap = gaps.size() < kFewRounds ? -*std::max_element(gaps.begin(), gaps.end()) : -middle(gaps);
            if (gap > kErrorsBehind * error && gap > std::log1p(kLeastEffect))
                drop(session, arm, fmt::format("{:.0f} % slower than the fastest", (1 - std::exp(-gap)) * 100));
        }
        row.dropped = session.states[arm].dropped;
        rung.arms.push_back(std::move(row));
    }
    session.result.rungs.push_back(std::move(rung));
}

bool known_well_enough(const ChooseSession& session, const Question& question, int rounds) {
    if (rounds < 2 * kFirstRounds) return false;
    const std::vector<std::size_t> left = ranked(session, rivals(session, question));
    if (left.empty() || rounds >= kMostRounds) return true;
    const double error = spread_of_differences(session, left, left.front()) / std::sqrt(static_cast<double>(rounds));
    return 1.96 * error < std::log1p(kLeastEffect) / 2;
}

Rung new_rung(const ChooseSession& session, const Question& question, const Effort& effort) {
    Rung rung;
    rung.number = static_cast<int>(session.result.rungs.size());
    rung.question = question.text;
    rung.effort = effort;
    return rung;
}

void forget(ChooseSession& session, const Question& question) {
    session.states[0] = {session.states[0].dropped, {}, {}, {}, {}, {}, {}};
    for (const std::size_t arm : question.arms)
        if (arm != 0) session.states[arm] = {};
}

}  // namespace

/// The default has run before: one run that failed was disturbed, two are its fault.
static bool one_bad_run(const ChooseSession& session, std::size_t arm) {
    const auto of_it = [&](bool dead) {
        return std::count_if(session.result.runs.begin(), session.result.runs.end(), [&](const ArmRun& run) {
            return run.arm == arm && run.measurement.dead.has_value() == dead;
        });
    };
    return arm == 0 && of_it(false) > 0 && of_it(true) == 1;
}

bool run_arm(ChooseSession& session, std::size_t arm, const RunRequest& run) {
    if (session.progress) {
        const auto live = static_cast<std::size_t>(std::count_if(session.states.begin(), session.states.end(),
                                                                 [](const ArmState& state) { return !state.dropped; }));
        session.progress({run.phase, run.rung, run.round, arm, live, static_cast<int>(session.result.runs.size()),
                          session.spent(), std::max(0.0, session.left())});
    }
    auto measurement = session.measurer.measure(session.result.arms[arm], run);
    if (!measurement) {
        session.result.error = std::move(measurement.error());
        return false;
    }
    session.result.runs.push_back({arm, run, *measurement});
    const auto ceiling = session.request.objective.memory_ceiling_mib;
    if (measurement->dead) {
        if (session.left() > 0 && !one_bad_run(session, arm)) drop(session, arm, *measurement->dead);
    } else if (ceiling && measurement->memory_mib && *measurement->memory_mib > *ceiling) {
        drop(session, arm,
             fmt::format("it needs {} MiB, more than the {} allowed", *measurement->memory_mib, *ceiling));
    }
    return true;
}

std::vector<double> differences(const ArmState& arm, const ArmState& other) {
    std::vector<double> result;
    for (std::size_t i = 0; i < std::min(arm.scores.size(), other.scores.size()); ++i)
        if (arm.scores[i] && other.scores[i]) result.push_back(*arm.scores[i] - *other.scores[i]);
    return result;
}

bool clearly_ahead(const ChooseSession& session, const std::vector<std::size_t>& arms, std::size_t arm,
                   std::size_t base) {
    const std::vector<double> gaps = differences(session.states[arm], session.states[base]);
    if (gaps.size() < kFirstRounds) return false;
    const double spread = spread_of_differences(session, arms, base);
    return middle(gaps) >
           std::max(std::log1p(kLeastEffect), kErrorsAhead * spread / std::sqrt(static_cast<double>(gaps.size())));
}

std::vector<std::size_t> answer(ChooseSession& session, const Question& question) {
    forget(session, question);
    Rung first = new_rung(session, question, trial_of(question.wanted));
    const std::vector<std::size_t> all = measured(session, question);
    const bool well = run_trials(session, question, first.number);
    close_rung(session, question, first, all);
    if (!well || rivals(session, question).empty()) return {};
    const Effort effort = effort_of(session, question);
    int round = 0;
    for (int rounds = kFirstRounds; rivals(session, question).size() > (round == 0 ? 1 : question.keep);
         rounds = round) {
        make_room(session, question, effort, rounds);
        Rung rung = new_rung(session, question, effort);
        const std::vector<std::size_t> took_part = measured(session, question);
        bool go_on = true;
        while (go_on && rung.rounds < rounds &&
               rung_seconds(session, question, effort, 1) <= question.until - session.spent()) {
            go_on = run_round(session, question, effort, rung.number, round, rung.rounds == 0);
            if (go_on) ++rung.rounds, ++round;
        }
        const bool whole = rung.rounds == rounds;
        if (rung.rounds > 0) close_rung(session, question, rung, took_part);
        if (!whole || known_well_enough(session, question, round)) break;
    }
    session.ahead.resize(session.states.size());
    for (const std::size_t arm : question.arms)
        for (const double gap : differences(session.states[arm], session.states[0])) session.ahead[arm].push_back(gap);
    return ranked(session, rivals(session, question));
}

}  // namespace lf::bench
