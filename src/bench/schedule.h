// SPDX-License-Identifier: MIT
/// \file
/// \brief The order of runs: every candidate once a repeat, in turn, so that a slow change of the machine meets all.
#pragma once

#include <cstddef>
#include <vector>

namespace lf::bench {

struct Run {
    int repeat = 0;             ///< from 0
    std::size_t candidate = 0;  ///< index
    bool operator==(const Run&) const = default;
};

/// a b | b a | a b …: the first of a repeat changes, so that no candidate always follows the same one.
std::vector<Run> interleaved(std::size_t candidates, int repeats);

}  // namespace lf::bench
