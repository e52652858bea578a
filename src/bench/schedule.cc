// SPDX-License-Identifier: MIT
#include "bench/schedule.h"

namespace lf::bench {

std::vector<Run> interleaved(std::size_t candidates, int repeats) {
    std::vector<Run> runs;
    for (int repeat = 0; repeat < repeats; ++repeat)
        for (std::size_t i = 0; i < candidates; ++i)
            runs.push_back({repeat, (i + static_cast<std::size_t>(repeat)) % candidates});
    return runs;
}

}  // namespace lf::bench
