// SPDX-License-Identifier: MIT
/// \file
/// \brief Asking for features by the words of a table: "avx2 fma f16c".
#pragma once

#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::facts {

/// Are all of them there? `words` are separated by blanks; none at all are always there.
bool has_all(const FeatureSet& features, std::string_view words);

/// Those of `wanted` that are not there, in their order.
std::vector<std::string_view> lacking(const FeatureSet& features, std::vector<std::string_view> wanted);

}  // namespace lf::facts
