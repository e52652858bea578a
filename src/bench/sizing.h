// SPDX-License-Identifier: MIT
/// \file
/// \brief How long the runs may be on this machine: a slow or busy one gets shorter runs, not fewer repeats.
#pragma once

#include <vector>

#include "bench/llama_bench.h"

namespace lf::bench {

struct Tokens {
    int prompt = 0;
    int generated = 0;
    bool operator==(const Tokens&) const = default;
};

/// What a first, short run is given: enough to tell 1 token a second from 30.
Tokens trial_of(const Tokens& wanted);

/// `wanted`, a half or a quarter of it: the longest runs with which `least_runs` runs, each as slow as the trial, fit
/// into `seconds`; a quarter if none does. llama-bench reads every prompt twice, the first time to warm up.
Tokens fitting(const Tokens& wanted, const std::vector<LlamaBenchTest>& trial, int least_runs, double seconds);

}  // namespace lf::bench
