// SPDX-License-Identifier: MIT
#include "nixsyntax/scopes.h"

#include <algorithm>
#include <utility>

namespace lf::nixsyntax {
namespace {

bool is_container(Kind kind) { return kind == Kind::set || kind == Kind::legacy_let || kind == Kind::let; }

// A recursive set that is the value of a binding: only such a one can be merged with others.
bool is_bound_rec(const Tree& tree, NodeId id) {
    if (!tree.is(id, Kind::set) || !tree.has(id, kRecursive)) return false;
    NodeId parent = tree.parent(id);
    while (tree.is(parent, Kind::parens)) parent = tree.parent(parent);
    return tree.is(parent, Kind::binding);
}

// One more contribution to a name.
void define(const Tree& tree, const Contribution& contribution, Definition& out) {
    if (out.definer != kNone) {
        if (tree.is(contribution.entry, Kind::binding)) out.value = kNone;  // more than one binding makes it
        return;
    }
    out.definer = contribution.entry;
    out.value = value_of(tree, contribution);
}

}  // namespace

NameIndex::NameIndex(const Tree& tree) {
    bool any = false;
    for (NodeId id = 0; id < tree.size() && !any; ++id) any = is_bound_rec(tree, id);
    if (!any) return;
    // Outer sets first (their ids are larger): what is merged into them is not looked at by itself again.
    for (NodeId id = tree.root();; --id) {
        if (is_container(tree.kind(id)) && !merged_.contains(id)) merge_in(tree, id);
        if (id == 0) break;
    }
}

NameIndex& NameIndex::of(const Tree& tree) {
    if (!tree.names_) tree.names_ = std::make_shared<NameIndex>(tree);
    return *tree.names_;
}

void NameIndex::merge_in(const Tree& tree, NodeId container) {
    std::vector<std::vector<Contribution>> work{contributions_of(tree, container)};
    while (!work.empty()) {
        const std::vector<Contribution> contributions = std::move(work.back());
        work.pop_back();
        if (contributions.size() < 2) continue;
        for (const Attribute& attribute : merge(tree, contributions).attributes) {
            if (attribute.contributions.size() < 2) continue;
            const NodeId first = strip_parens(tree, value_of(tree, attribute.contributions.front()));
            const NodeId scope = first != kNone && tree.has(first, kRecursive) ? first : kNone;
            for (const Contribution& each : attribute.contributions) {
                const NodeId value = value_of(tree, each);
                if (value != kNone) merged_[strip_parens(tree, value)] = scope;
                else if (scope != kNone) below_[each.entry].push_back({each.part, scope});
            }
            std::vector<Contribution> inner = contributions_below(tree, attribute.contributions);
            if (scope != kNone) members_[scope] = inner;
            work.push_back(std::move(inner));
        }
    }
}

NodeId NameIndex::scope_of(const Tree& tree, NodeId owner) const {
    if (tree.is(owner, Kind::let) || tree.is(owner, Kind::legacy_let)) return owner;
    if (!tree.is(owner, Kind::set)) return kNone;
    if (const auto found = merged_.find(owner); found != merged_.end()) return found->second;
    return tree.has(owner, kRecursive) ? owner : kNone;
}

const std::vector<NameIndex::Below>& NameIndex::below(NodeId binding) const {
    static const std::vector<Below> none;
    const auto found = below_.find(binding);
    return found == below_.end() ? none : found->second;
}

std::vector<Contribution> NameIndex::members(const Tree& tree, NodeId scope) const {
    const auto found = members_.find(scope);
    return found == members_.end() ? contributions_of(tree, scope) : found->second;
}

// A thousand uses of a thousand names must not make a million comparisons.
const NameIndex::Names& NameIndex::names(const Tree& tree, NodeId scope) {
    const auto [it, fresh] = names_.try_emplace(scope);
    Names& out = it->second;
    if (!fresh) return out;
    if (tree.is(scope, Kind::formals)) {
        for (const NodeId formal : tree.children(scope))
            out[std::string(tree.text(tree.child(formal, 0)))].definer = formal;
        return out;
    }
    for (const Contribution& each : members(tree, scope))
        if (const auto name = attr_name(tree, name_of(tree, each))) define(tree, each, out[*name]);
    return out;
}

Definition NameIndex::find(const Tree& tree, NodeId scope, std::string_view name) {
    const Names& known = names(tree, scope);
    const auto found = known.find(std::string(name));
    return found == known.end() ? Definition() : found->second;
}

}  // namespace lf::nixsyntax
