// SPDX-License-Identifier: MIT
/// \file
/// \brief Which attributes a set has once Nix has merged its bindings: `a.b = 1; a = { c = 2; };` is one attribute a.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

/// One binding's or inherited name's share in an attribute.
struct Contribution {
    NodeId entry = kNone;    ///< the binding or inherit node
    std::uint32_t part = 0;  ///< binding: which part of its path names the attribute; inherit: which child does
    NodeId origin = kNone;   ///< the set literal out of which it was merged; kNone = written in place
};

/// The node that names the attribute.
NodeId name_of(const Tree& tree, const Contribution& contribution);
/// The value, if the contribution is a binding whose path ends here; else kNone.
NodeId value_of(const Tree& tree, const Contribution& contribution);
/// It defines a set: its path goes on, or its value is a set literal.
bool is_set(const Tree& tree, const Contribution& contribution);

struct Attribute {
    std::string name;
    std::vector<Contribution> contributions;
};

struct Merged {
    std::vector<Attribute> attributes;  ///< sorted by name
    std::vector<Contribution> dynamic;  ///< those with a dynamic name, in the order of the text
};

/// What the entries of a set, legacy_let or let node contribute.
std::vector<Contribution> contributions_of(const Tree& tree, NodeId set, NodeId origin = kNone);
/// The contributions below one attribute all of whose contributions are sets.
std::vector<Contribution> contributions_below(const Tree& tree, std::span<const Contribution> contributions);
Merged merge(const Tree& tree, std::span<const Contribution> contributions);

struct Duplicate {
    std::string name;
    NodeId first = kNone;   ///< the name node of the one
    NodeId second = kNone;  ///< and of the other, later in the text
};
/// An attribute that is defined twice in the set, if there is one; the sets in it must have been checked before.
std::optional<Duplicate> find_duplicate(const Tree& tree, NodeId set);

}  // namespace lf::nixsyntax
