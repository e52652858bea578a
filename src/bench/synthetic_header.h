// SPDX-License-Identifier: MIT
/// \file
/// \brief The keys by which a file is known to be ours.
#pragma once

#include <cstdint>
#include <string_view>

namespace lf::bench {

inline constexpr std::string_view kSyntheticKey = "llama-fleet.synthetic";  ///< the specification
inline constexpr std::string_view kSeedKey = "llama-fleet.seed";

}  // namespace lf::bench
