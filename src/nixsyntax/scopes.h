// SPDX-License-Identifier: MIT
/// \file
/// \brief Which names each scope of a tree defines, sets merged as Nix merges them; inside of resolve() and
/// variables.cc.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nixsyntax/attributes.h"
#include "nixsyntax/query.h"
#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

/// Made at the first question that a tree is asked, and kept with it; tables of names are made one by one, when asked
/// for.
///
/// Nix merges `a = rec { b = 1; }; a.c = b;` while it parses: the set that comes first is the one that stays, so its
/// `rec` (or that it has none) holds for everything merged into it, and a later set's `rec` is lost.
struct NameIndex {
    /// An attribute that is a merged recursive set: what stands behind this part of a binding's path sees its names.
    struct Below {
        std::uint32_t part;
        NodeId set;  ///< the first set literal of those merged, which has the `rec`
    };
    using Names = std::unordered_map<std::string, Definition>;

    explicit NameIndex(const Tree& tree);
    static NameIndex& of(const Tree& tree);

    /// The rec set (perhaps the first of several merged), let or legacy_let whose names are seen in this set,
    /// legacy_let or let; kNone for others, and for a set that is not recursive.
    NodeId scope_of(const Tree& tree, NodeId owner) const;
    /// Is it an answer of scope_of into which other sets were merged?
    bool is_merged(NodeId scope) const { return members_.contains(scope); }
    /// For a binding, in the order of its path; nearly always empty.
    const std::vector<Below>& below(NodeId binding) const;
    /// What `scope`, an answer of scope_of or below, or the formals of a lambda, defines under this name: `scope`,
    /// `owner` of the answer not filled in.
    Definition find(const Tree& tree, NodeId scope, std::string_view name);

  private:
    void merge_in(const Tree& tree, NodeId container);
    std::vector<Contribution> members(const Tree& tree, NodeId scope) const;
    const Names& names(const Tree& tree, NodeId scope);

    std::unordered_map<NodeId, NodeId> merged_;  ///< a set literal that was merged → the rec set it went into or kNone
    std::unordered_map<NodeId, std::vector<Below>> below_;
    std::unordered_map<NodeId, std::vector<Contribution>> members_;
    std::unordered_map<NodeId, Names> names_;
};

}  // namespace lf::nixsyntax
