// SPDX-License-Identifier: MIT
/// \file
/// \brief One number for the two speeds of a run, as the owner weighs them.
#pragma once

#include <optional>

#include "bench/measurer.h"
#include "bench/result.h"

namespace lf::bench {

/// Weighted mean of the logs of the speeds; none if a test with weight was not measured.
std::optional<double> log_score(const Objective& objective, const Measurement& measurement);

}  // namespace lf::bench
