// SPDX-License-Identifier: MIT
#include "bench/schedule.h"

#include <algorithm>
#include <random>
#include <utility>

namespace lf::bench {

std::vector<std::size_t> round_order(std::span<const std::size_t> live, int round, std::uint64_t seed) {
    std::vector<std::size_t> order(live.begin(), live.end());
    std::mt19937_64 generator(seed * 1'000'003U + static_cast<std::uint64_t>(round / kRoundsOfOneOrder));
    // Not std::shuffle: its order differs between libraries.
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[generator() % i]);
    return order;
}

}  // namespace lf::bench
