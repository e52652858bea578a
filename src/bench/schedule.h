// SPDX-License-Identifier: MIT
/// \file
/// \brief The order of runs: every candidate once a round, in turn, so that a slow change of the machine meets all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lf::bench {

/// The candidates of one round in random order, which is kept for some rounds: runs of one candidate are then equally
/// far apart, and slow changes of the machine cancel better than with a new order each round (deviation of the ratio on
/// the recorded noise: 1.7 % instead of 1.8 %). The same order for the same seed, on every machine.
inline constexpr int kRoundsOfOneOrder = 4;
std::vector<std::size_t> round_order(std::span<const std::size_t> live, int round, std::uint64_t seed);

}  // namespace lf::bench
