// SPDX-License-Identifier: MIT
/// \file
/// \brief One question of a choice: arms are run in turn, and those that are clearly slower leave. Used by choose()
/// only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/choose.h"
#include "bench/score.h"

namespace lf::bench {

/// What is known of an arm within a question.
struct ArmState {
    std::optional<std::string> dropped;         ///< why it is not measured any more
    std::optional<Cost> cost;                   ///< from its first run
    std::optional<double> first_score;          ///< log score of its first run
    std::vector<std::optional<double>> scores;  ///< log score a round
    std::vector<double> seconds;                ///< of its runs, those of the rounds only
    std::vector<double> prompt_speeds;          ///< the same
    std::vector<double> generation_speeds;      ///< the same
};

/// The whole choice.
struct ChooseSession {
    const ChooseRequest& request;
    ArmMeasurer& measurer;
    const std::function<void(const SearchProgress&)>& progress;
    double started;
    ChooseResult result;
    std::vector<ArmState> states;  ///< one an arm of result.arms
    /// An arm each: log scores less the control's in the same round, of all questions.
    std::vector<std::vector<double>> ahead;

    double spent() { return measurer.now() - started; }
    double left() { return request.budget_seconds - spent(); }
};

/// One process. False: an error ended the choice. Drops an arm that cannot run or needs too much memory; a run that
/// the end of the budget ended is nobody's fault.
bool run_arm(ChooseSession& session, std::size_t arm, const RunRequest& run);

struct Question {
    std::string text;               ///< "CPU variant and device"
    std::vector<std::size_t> arms;  ///< the default, 0, takes part in any case, as the control
    Effort wanted;
    bool shorten = true;   ///< false: the rounds have exactly these sizes
    double until = 0;      ///< seconds of the budget: no run begins that would end later
    std::size_t keep = 2;  ///< when no more are left (beside the control), the question is answered
};

/// Scores of an arm less those of another one in the same rounds.
std::vector<double> differences(const ArmState& arm, const ArmState& other);

/// True if the question that was answered last found `arm`, one of its `arms`, faster than `base`, another one.
bool clearly_ahead(const ChooseSession& session, const std::vector<std::size_t>& arms, std::size_t arm,
                   std::size_t base);

/// The arms that are left, the best first; the control among them only if it is one of the question's arms.
std::vector<std::size_t> answer(ChooseSession& session, const Question& question);

}  // namespace lf::bench
