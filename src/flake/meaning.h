// SPDX-License-Identifier: MIT
/// \file
/// \brief What names and paths of a Nix text stand for, as far as the text alone tells. Nothing is evaluated.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nixsyntax/query.h"

namespace lf::flake {

using nixsyntax::Kind;
using nixsyntax::kNone;
using nixsyntax::NodeId;
using nixsyntax::Tree;

/// A node of one of several files.
struct Ref {
    const Tree* tree = nullptr;
    NodeId id = kNone;

    explicit operator bool() const { return id != kNone; }
    bool operator==(const Ref& other) const { return tree == other.tree && id == other.id; }
    bool operator<(const Ref& other) const { return tree != other.tree ? tree < other.tree : id < other.id; }
};

/// What an expression comes to that is neither a string, a path nor a `+` of them; it may ask text_of() in its turn.
using TextOf = std::function<std::optional<std::string>(NodeId)>;

/// The text that an expression comes to: strings, paths and their `+`, names bound by let; `self` and `inputs.self`
/// count as "" (the root of the repository), so "${self}/x" gives "/x". nullopt = the text does not tell.
std::optional<std::string> text_of(const Tree& tree, NodeId id);
/// The same, where `other` tells all but strings, paths and `+`.
std::optional<std::string> text_of(const Tree& tree, NodeId id, const TextOf& other);

/// `self`, `inputs.self`, `self.outPath`: the root of the repository.
bool is_self(const Tree& tree, NodeId id);

/// All attribute names that lead to a binding, through sets that are values of bindings: in
/// `{ config, ... }: { a.b = { c.d = 1; }; }` the inner binding's are a, b, c, d. Dynamic parts are "".
std::vector<std::string> full_path(const Tree& tree, NodeId binding);
/// Does `path` end with `tail`?
bool ends_with(const std::vector<std::string>& path, const std::vector<std::string>& tail);

/// Calls `visit` for `id` and everything below it, in the order of the text; where it says false, not below that node.
template <class Visit>
void walk(const Tree& tree, NodeId id, const Visit& visit) {
    std::vector<NodeId> todo{id};
    while (!todo.empty()) {
        const NodeId node = todo.back();
        todo.pop_back();
        if (!visit(node)) continue;
        const auto children = tree.children(node);
        todo.insert(todo.end(), children.rbegin(), children.rend());
    }
}

}  // namespace lf::flake
