// SPDX-License-Identifier: MIT
#include "lint/overlay_shape.h"

#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::TokenKind;

// An expression of many parts; a person writes fewer.
constexpr std::size_t kMaxParts = 64;

/// Functions that hand on the set that is their last argument.
bool hands_on_its_set(const Tree& tree, NodeId function) {
    const auto name = nixsyntax::dotted_name(tree, function);
    return name && (name->back() == "optionalAttrs" || name->back() == "mkIf" || name->back() == "recurseIntoAttrs");
}

}  // namespace

std::vector<NodeId> result_sets(const Tree& tree, NodeId value) {
    std::vector<NodeId> out;
    std::vector<NodeId> todo{value};
    for (std::size_t at = 0; at < todo.size() && at < kMaxParts; ++at) {
        const NodeId id = nixsyntax::result_of(tree, todo[at]);
        if (tree.is(id, Kind::set)) {
            out.push_back(id);
        } else if (tree.is(id, Kind::binary) && tree.op(id) == TokenKind::update) {
            todo.push_back(tree.child(id, 0));
            todo.push_back(tree.child(id, 1));
        } else if (tree.is(id, Kind::conditional)) {
            todo.push_back(tree.child(id, 1));
            todo.push_back(tree.child(id, 2));
        } else if (tree.is(id, Kind::apply)) {
            const auto parts = nixsyntax::call_parts(tree, id);
            if (hands_on_its_set(tree, parts.front())) todo.push_back(parts.back());
        }
    }
    return out;
}

std::optional<OverlayShape> overlay_at(const Tree& tree, NodeId lambda) {
    if (!tree.is(lambda, Kind::lambda)) return std::nullopt;
    const auto outer = nixsyntax::lambda_parts(tree, lambda);
    const auto inner = nixsyntax::lambda_parts(tree, outer.body);
    if (inner.body == kNone || outer.formals != kNone || inner.formals != kNone) return std::nullopt;
    auto sets = result_sets(tree, inner.body);
    if (sets.empty()) return std::nullopt;
    return OverlayShape{std::string(tree.text(outer.argument)), std::string(tree.text(inner.argument)),
                        std::move(sets)};
}

std::optional<OverlayShape> overlay_around(const Tree& tree, NodeId node) {
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at))
        if (auto overlay = overlay_at(tree, at)) return overlay;
    return std::nullopt;
}

NodeId item_or_binding(const Tree& tree, NodeId node) {
    for (NodeId at = node; at != kNone; at = tree.parent(at)) {
        if (tree.is(at, Kind::binding)) return at;
        const NodeId up = tree.parent(at);
        if (up == kNone) break;
        if (tree.is(up, Kind::list) || (tree.is(up, Kind::binary) && tree.op(up) == TokenKind::concat)) return at;
    }
    return kNone;
}

std::vector<NodeId> uses_of_binding(const Tree& tree, NodeId binding) {
    std::vector<NodeId> out;
    const NodeId owner = tree.parent(binding);
    const bool scope = tree.is(owner, Kind::let) || tree.is(owner, Kind::legacy_let) ||
                       (tree.is(owner, Kind::set) && tree.has(owner, nixsyntax::kRecursive));
    if (!scope) return out;  // what a plain set names is no variable
    const auto name = nixsyntax::attr_name(tree, tree.child(nixsyntax::binding_path(tree, binding), 0));
    for (NodeId id = 0; name && id < tree.size(); ++id)
        if (tree.is(id, Kind::identifier) && tree.text(id) == *name && nixsyntax::resolve(tree, id).definer == binding)
            out.push_back(id);
    return out;
}

}  // namespace lf::lint
