// SPDX-License-Identifier: MIT
/// \file
/// \brief What all rule tables have in common: a rule can be shown, and it can give its reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lf::plan {

/// One rule as people read it. The tables of rules_*.cc carry these words beside the condition that they describe;
/// doc/rules.md is made of them.
struct RuleText {
    std::string_view id;       ///< stable: "nvidia-cuda"
    std::string_view when;     ///< the condition in words
    std::string_view then;     ///< what the plan gets
    std::string_view because;  ///< one sentence, no full stop
    std::string_view source;   ///< who says so: a file, a release, a measurement
};

/// A rule of doc/rules.md; some are made from data, so the words are owned.
struct RuleEntry {
    std::string id;
    std::string when;
    std::string then;
    std::string because;
    std::string source;
};

/// The rules of one subject, in the order in which they are asked: the first that holds decides.
struct RuleChapter {
    std::string title;
    std::string introduction;
    std::vector<RuleEntry> rules;
};

inline RuleEntry entry_of(const RuleText& text) {
    return {std::string(text.id), std::string(text.when), std::string(text.then), std::string(text.because),
            std::string(text.source)};
}

}  // namespace lf::plan
