// SPDX-License-Identifier: MIT
// What a name means where it stands: the way from a use up to what defines it.
#include <algorithm>
#include <cstdint>

#include "nixsyntax/query.h"
#include "nixsyntax/scopes.h"

namespace lf::nixsyntax {
namespace {

class Resolver {
  public:
    Resolver(const Tree& tree, std::string_view name) : tree_(tree), index_(NameIndex::of(tree)), name_(name) {}
    Definition run(NodeId id) {
        NodeId with = kNone;
        NodeId below = kNone;
        for (NodeId child = id, owner = tree_.parent(id); owner != kNone; child = owner, owner = tree_.parent(owner)) {
            if (tree_.is(owner, Kind::with) && child == tree_.child(owner, 1) && with == kNone) with = owner;
            if (defined_by(owner, child, below)) return out_;
            below = child;
        }
        out_ = {};
        if (with == kNone) return out_;
        out_.scope = Scope::with;
        out_.owner = with;
        return out_;
    }

  private:
    // `owner` was reached from its child `child` and grandchild `below`.
    bool defined_by(NodeId owner, NodeId child, NodeId below) {
        switch (tree_.kind(owner)) {
            case Kind::lambda: return by_lambda(owner);
            case Kind::binding: return by_path(owner, child, below);
            case Kind::let:
            case Kind::legacy_let:
            case Kind::set:
                // `inherit x;` means the x outside; the source of `inherit (e)` is inside.
                if (tree_.is(child, Kind::inherit) && !tree_.has(child, kHasSource) && below != kNone) return false;
                return by_entry(index_.scope_of(tree_, owner));
            default: return false;
        }
    }

    bool by_entry(NodeId scope) {
        if (scope == kNone) return false;
        out_ = index_.find(tree_, scope, name_);
        out_.owner = scope;
        out_.scope = tree_.is(scope, Kind::set) ? Scope::rec_set : Scope::let;
        return out_.definer != kNone;
    }

    // In `a.b.c = e;` what is merged into a recursive set a, or a.b, sees its names; the name `${x}` of an attribute
    // too.
    bool by_path(NodeId binding, NodeId child, NodeId below) {
        const auto& scopes = index_.below(binding);
        if (scopes.empty()) return false;
        const auto names = tree_.children(binding_path(tree_, binding));
        const auto reached =
            child == binding_path(tree_, binding) ? std::find(names.begin(), names.end(), below) : names.end();
        const auto parts = static_cast<std::size_t>(reached - names.begin());
        return std::any_of(scopes.rbegin(), scopes.rend(),
                           [&](const NameIndex::Below& each) { return each.part < parts && by_entry(each.set); });
    }

    bool by_lambda(NodeId owner) {
        const Lambda lambda = lambda_parts(tree_, owner);
        out_ = {};
        out_.owner = owner;
        if (lambda.argument != kNone && tree_.text(lambda.argument) == name_) {
            out_.scope = Scope::argument;
            out_.definer = lambda.argument;
        } else if (lambda.formals != kNone) {
            out_.scope = Scope::formal;
            out_.definer = find_formal(tree_, lambda.formals, name_);
        }
        return out_.definer != kNone;
    }

    const Tree& tree_;
    NameIndex& index_;
    std::string_view name_;
    Definition out_;
};

}  // namespace

Definition resolve(const Tree& tree, NodeId id) {
    if (const auto name = attr_name(tree, id); name && !tree.is(id, Kind::identifier)) return resolve(tree, id, *name);
    return resolve(tree, id, tree.text(id));
}

Definition resolve(const Tree& tree, NodeId id, std::string_view name) { return Resolver(tree, name).run(id); }

NodeId follow(const Tree& tree, NodeId id) {
    constexpr int kMostSteps = 64;
    for (int step = 0; step < kMostSteps; ++step) {
        const NodeId inside = strip_parens(tree, id);
        if (!tree.is(inside, Kind::identifier)) return inside;
        const NodeId value = resolve(tree, inside).value;
        if (value == kNone) return inside;
        id = value;
    }
    return id;
}

}  // namespace lf::nixsyntax
