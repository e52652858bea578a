// SPDX-License-Identifier: MIT
/// \file
/// \brief What an overlay looks like: `final: prev: { … }`, and the forms that people give its result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flake/meaning.h"

namespace lf::lint {

using flake::Kind;
using flake::kNone;
using flake::NodeId;
using flake::Tree;

/// `final: prev: …`: its names, whatever they are called here.
struct OverlayShape {
    std::string final_name;
    std::string prev_name;
    std::vector<NodeId> sets;  ///< set literals of its result
};

/// Is this lambda the outer one of an overlay?
std::optional<OverlayShape> overlay_at(const Tree& tree, NodeId lambda);
/// The innermost overlay around a place.
std::optional<OverlayShape> overlay_around(const Tree& tree, NodeId node);

/// The set literals that a value consists of: through `//`, `if`, lib.optionalAttrs and mkIf; empty = none is seen.
std::vector<NodeId> result_sets(const Tree& tree, NodeId value);

/// The binding around a place, and not beyond the list item or operand of `++` that it stands in; kNone = none.
NodeId item_or_binding(const Tree& tree, NodeId node);
/// A binding of `let … in` (or a rec set) whose name is used: the places, in the order of the text.
std::vector<NodeId> uses_of_binding(const Tree& tree, NodeId binding);

}  // namespace lf::lint
