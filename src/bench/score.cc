// SPDX-License-Identifier: MIT
#include "bench/score.h"

#include <cmath>
#include <utility>

#include "bench/effort.h"

namespace lf::bench {

std::optional<double> log_score(const Objective& objective, const Measurement& measurement) {
    double sum = 0;
    for (const auto& [test, weight] : {std::pair{TestKind::prompt, objective.prompt_weight},
                                       std::pair{TestKind::generation, objective.generation_weight}}) {
        if (weight <= 0) continue;
        const auto speed = speed_of(measurement, test);
        if (!speed) return std::nullopt;
        sum += weight * std::log(*speed);
    }
    return sum / (objective.prompt_weight + objective.generation_weight);
}

}  // namespace lf::bench
