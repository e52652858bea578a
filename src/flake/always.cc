// SPDX-License-Identifier: MIT
#include "flake/always.h"

namespace lf::flake {
namespace {

/// Is what stands in `child` part of the value of `node` in any case?
bool passes_on(const Tree& tree, NodeId node, NodeId child) {
    switch (tree.kind(node)) {
        case Kind::set:
        case Kind::parens:
        case Kind::list: return true;
        case Kind::binding: return nixsyntax::binding_value(tree, node) == child;
        case Kind::let:
        case Kind::with:
        case Kind::assertion:
        case Kind::lambda: return tree.last_child(node) == child;
        case Kind::apply: {
            const auto parts = nixsyntax::call_parts(tree, node);
            const auto function = nixsyntax::dotted_name(tree, parts.front());
            return parts.size() == 2 && function && function->back() == "mkMerge";
        }
        case Kind::binary: return tree.op(node) == nixsyntax::TokenKind::concat;
        default: return false;
    }
}

}  // namespace

bool always_defines(const Tree& tree, NodeId module, NodeId binding, const std::vector<std::string>& option) {
    std::vector<std::string> path;
    NodeId child = kNone;
    for (NodeId at = binding; at != kNone; at = tree.parent(at)) {
        if (child != kNone && !passes_on(tree, at, child)) return false;
        if (tree.is(at, Kind::binding)) {
            const auto names = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, at));
            if (!names) return false;
            path.insert(path.begin(), names->begin(), names->end());
        }
        if (at == module) break;
        child = at;
    }
    if (!path.empty() && path.front() == "config") path.erase(path.begin());
    return path == option;
}

}  // namespace lf::flake
