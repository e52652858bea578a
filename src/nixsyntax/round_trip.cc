// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "nixsyntax/dump.h"

namespace lf::nixsyntax {

Result<Tree> check_round_trip(std::string text, std::string file) {
    const std::string original = text;
    LF_ASSIGN(Tree tree, parse(std::move(text), std::move(file)));
    // The tokens' texts in turn are the text itself if each begins where the one before ends, from 0 to the end.
    const std::span<const Token> tokens = tree.tokens();
    const bool in_order =
        std::is_sorted(tokens.begin(), tokens.end(), [](const Token& a, const Token& b) { return a.begin < b.begin; });
    const bool whole = tokens.front().begin == 0 && tokens.back().begin == original.size();
    if (in_order && whole && tree.text() == original) return tree;
    Error error = world_error("nix-round-trip", "the tokens do not give back the text",
                              "this is a fault of llama-fleet, please report it");
    error.where.file = tree.file();
    return fail(std::move(error));
}

}  // namespace lf::nixsyntax
