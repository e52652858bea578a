// SPDX-License-Identifier: MIT
/// \file
/// \brief What strings stand for: escapes and the indentation of indented strings, as Nix reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

/// A piece of a string or path: text, or an interpolation node.
struct Piece {
    std::string text;
    NodeId interpolation = kNone;
};

/// \n, \r, \t and \x for the inside of "…"; CR and CR LF become LF.
std::string unescape(std::string_view text);

/// The pieces of a string, indented_string or path node, one a token, as Nix's parser has them: escapes resolved, the
/// common indentation of indented strings removed (pieces that become empty by that are kept).
std::vector<Piece> pieces(const Tree& tree, NodeId id);

/// The value of a string that Nix's parser knows as one constant: "…" and ''…'' of at most one piece, URLs; through
/// parentheses. Only those make an attribute name static.
std::optional<std::string> static_string(const Tree& tree, NodeId id);

}  // namespace lf::nixsyntax
