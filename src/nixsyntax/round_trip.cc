// SPDX-License-Identifier: MIT
#include <utility>

#include "nixsyntax/dump.h"

namespace lf::nixsyntax {

Result<Tree> check_round_trip(std::string text, std::string file) {
    const std::string original = text;
    LF_ASSIGN(Tree tree, parse(std::move(text), std::move(file)));
    std::string joined;
    for (std::uint32_t i = 0; i + 1 < tree.tokens().size(); ++i) joined += tree.text(tree.token_span(i));
    if (joined == original) return tree;
    Error error = world_error("nix-round-trip", "the tokens do not give back the text",
                              "this is a fault of llama-fleet, please report it");
    error.where.file = tree.file();
    return fail(std::move(error));
}

}  // namespace lf::nixsyntax
