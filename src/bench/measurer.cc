// SPDX-License-Identifier: MIT
#include "bench/measurer.h"

#include <array>

namespace lf::bench {

std::string_view name_of(Phase phase) {
    constexpr std::array<std::string_view, 4> kNames = {"trial", "warm-up", "measure", "re-test"};
    return kNames.at(static_cast<std::size_t>(phase));
}

}  // namespace lf::bench
