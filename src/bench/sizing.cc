// SPDX-License-Identifier: MIT
#include "bench/sizing.h"

#include <algorithm>

namespace lf::bench {
namespace {

int share(int tokens, int divisor) { return tokens == 0 ? 0 : std::max(1, tokens / divisor); }

double run_seconds(const Tokens& tokens, const std::vector<LlamaBenchTest>& trial) {
    double seconds = 0;
    for (const LlamaBenchTest& test : trial)
        seconds += (test.test == Test::prompt ? 2 * tokens.prompt : tokens.generated) / test.tokens_per_second;
    return seconds;
}

}  // namespace

Tokens trial_of(const Tokens& wanted) { return {std::min(wanted.prompt, 16), std::min(wanted.generated, 4)}; }

Tokens fitting(const Tokens& wanted, const std::vector<LlamaBenchTest>& trial, int least_runs, double seconds) {
    Tokens tokens = wanted;
    for (const int divisor : {1, 2, 4}) {
        tokens = {share(wanted.prompt, divisor), share(wanted.generated, divisor)};
        if (run_seconds(tokens, trial) * least_runs <= seconds) break;
    }
    return tokens;
}

}  // namespace lf::bench
