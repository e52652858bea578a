// SPDX-License-Identifier: MIT
#include "facts/feature_words.h"

#include <algorithm>
#include <string>

#include "base/text.h"

namespace lf::facts {

bool has_all(const FeatureSet& features, std::string_view words) {
    return std::ranges::all_of(
        split(words, ' '), [&](std::string_view word) { return word.empty() || features.contains(std::string(word)); });
}

std::vector<std::string_view> lacking(const FeatureSet& features, std::vector<std::string_view> wanted) {
    std::erase_if(wanted, [&](std::string_view word) { return features.contains(std::string(word)); });
    return wanted;
}

}  // namespace lf::facts
