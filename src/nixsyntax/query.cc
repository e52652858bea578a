// SPDX-License-Identifier: MIT
#include "nixsyntax/query.h"

#include <algorithm>

#include "base/text.h"
#include "nixsyntax/literals.h"
#include "nixsyntax/scopes.h"

namespace lf::nixsyntax {

namespace {

bool has_entries(Kind kind) { return kind == Kind::set || kind == Kind::legacy_let || kind == Kind::let; }

// One part of the search for bindings: a set and how many parts of the path are matched before it.
struct Step {
    NodeId set;
    std::size_t matched;
};

class BindingSearch {
  public:
    BindingSearch(const Tree& tree, std::span<const std::string> path) : tree_(tree), path_(path) {}
    std::vector<Found> run(NodeId set) {
        work_.push_back({strip_parens(tree_, set), 0});
        while (!work_.empty()) {
            const Step step = work_.back();
            work_.pop_back();
            for (const NodeId entry : entries(tree_, step.set)) {
                if (tree_.is(entry, Kind::binding)) visit_binding(step, entry);
                else visit_inherit(step, entry);
            }
        }
        std::sort(found_.begin(), found_.end(), [&](const Found& a, const Found& b) {
            return tree_.node(a.name).first_token < tree_.node(b.name).first_token;
        });
        return std::move(found_);
    }

  private:
    void visit_binding(Step step, NodeId binding) {
        const auto names = tree_.children(binding_path(tree_, binding));
        std::size_t used = 0;
        while (used < names.size() && step.matched + used < path_.size()) {
            if (attr_name(tree_, names[used]) != path_[step.matched + used]) return;
            ++used;
        }
        const std::size_t matched = step.matched + used;
        const NodeId value = binding_value(tree_, binding);
        const NodeId set = strip_parens(tree_, value);
        const bool all = matched == path_.size();
        if (!all && has_entries(tree_.kind(set)) && tree_.is(set, Kind::set)) {
            work_.push_back({set, matched});
            return;
        }
        const Match match = !all ? Match::opaque : used < names.size() ? Match::deeper : Match::exact;
        found_.push_back({match, binding, value, names[used - 1], step.set, matched});
    }

    void visit_inherit(Step step, NodeId inherit) {
        for (const NodeId name : inherit_names(tree_, inherit)) {
            if (attr_name(tree_, name) != path_[step.matched]) continue;
            const std::size_t matched = step.matched + 1;
            const Match match = matched == path_.size() ? Match::exact : Match::opaque;
            found_.push_back({match, inherit, kNone, name, step.set, matched});
        }
    }

    const Tree& tree_;
    std::span<const std::string> path_;
    std::vector<Step> work_;
    std::vector<Found> found_;
};

}  // namespace

NodeId strip_parens(const Tree& tree, NodeId id) {
    while (tree.is(id, Kind::parens)) id = tree.child(id, 0);
    return id;
}

NodeId result_of(const Tree& tree, NodeId id) {
    while (tree.is(id, Kind::parens) || tree.is(id, Kind::with) || tree.is(id, Kind::assertion) ||
           tree.is(id, Kind::let))
        id = tree.last_child(id);
    return id;
}

std::vector<NodeId> list_operands(const Tree& tree, NodeId id) {
    std::vector<NodeId> out;
    std::vector<NodeId> work{id};
    while (!work.empty()) {
        const NodeId next = result_of(tree, work.back());
        work.pop_back();
        if (tree.is(next, Kind::binary) && tree.op(next) == TokenKind::concat) {
            work.push_back(tree.child(next, 1));
            work.push_back(tree.child(next, 0));
        } else {
            out.push_back(next);
        }
    }
    return out;
}

std::vector<NodeId> list_literals(const Tree& tree, NodeId id) {
    std::vector<NodeId> out = list_operands(tree, id);
    std::erase_if(out, [&](NodeId operand) { return !tree.is(operand, Kind::list); });
    return out;
}

std::vector<NodeId> call_parts(const Tree& tree, NodeId id) {
    std::vector<NodeId> reversed;
    NodeId function = strip_parens(tree, id);
    for (; tree.is(function, Kind::apply); function = strip_parens(tree, tree.child(function, 0))) {
        const auto parts = tree.children(function);
        reversed.insert(reversed.end(), parts.rbegin(), parts.rend() - 1);
    }
    reversed.push_back(function);
    return {reversed.rbegin(), reversed.rend()};
}

std::optional<std::string> constant_string(const Tree& tree, NodeId id) {
    id = strip_parens(tree, id);
    if (tree.is(id, Kind::url)) return std::string(tree.text(id));
    if ((!tree.is(id, Kind::string) && !tree.is(id, Kind::indented_string)) || !tree.children(id).empty())
        return std::nullopt;
    std::string out;
    for (const Piece& piece : pieces(tree, id)) out += piece.text;
    return out;
}

std::optional<std::string> attr_name(const Tree& tree, NodeId id) {
    if (tree.is(id, Kind::name)) return std::string(tree.text(id));
    if (tree.is(id, Kind::interpolation)) return static_string(tree, tree.child(id, 0));
    return static_string(tree, id);
}

std::optional<std::vector<std::string>> attr_path(const Tree& tree, NodeId attr_path) {
    std::vector<std::string> out;
    for (const NodeId part : tree.children(attr_path)) {
        std::optional<std::string> name = attr_name(tree, part);
        if (!name) return std::nullopt;
        out.push_back(std::move(*name));
    }
    return out;
}

std::optional<std::vector<std::string>> dotted_name(const Tree& tree, NodeId id) {
    id = strip_parens(tree, id);
    if (tree.is(id, Kind::identifier)) return std::vector{std::string(tree.text(id))};
    if (!tree.is(id, Kind::select) || tree.children(id).size() != 2) return std::nullopt;
    const NodeId base = strip_parens(tree, tree.child(id, 0));
    auto out = attr_path(tree, tree.child(id, 1));
    if (!out || !tree.is(base, Kind::identifier)) return std::nullopt;
    out->insert(out->begin(), std::string(tree.text(base)));
    return out;
}

std::vector<std::string> path_parts(std::string_view dotted) {
    const std::vector<std::string_view> parts = split(dotted, '.');
    return {parts.begin(), parts.end()};
}

std::span<const NodeId> entries(const Tree& tree, NodeId id) {
    if (id == kNone || !has_entries(tree.kind(id))) return {};
    const auto all = tree.children(id);
    return tree.is(id, Kind::let) ? all.first(all.size() - 1) : all;
}

NodeId binding_path(const Tree& tree, NodeId binding) { return tree.child(binding, 0); }
NodeId binding_value(const Tree& tree, NodeId binding) { return tree.child(binding, 1); }

NodeId inherit_source(const Tree& tree, NodeId inherit) {
    return tree.is(inherit, Kind::inherit) && tree.has(inherit, kHasSource) ? tree.child(inherit, 0) : kNone;
}

std::span<const NodeId> inherit_names(const Tree& tree, NodeId inherit) {
    if (!tree.is(inherit, Kind::inherit)) return {};
    return tree.children(inherit).subspan(tree.has(inherit, kHasSource) ? 1 : 0);
}

std::vector<Found> find_bindings(const Tree& tree, NodeId set, std::span<const std::string> path) {
    if (path.empty()) return {};
    return BindingSearch(tree, path).run(set);
}

std::vector<Found> find_bindings(const Tree& tree, NodeId set, std::string_view dotted) {
    return find_bindings(tree, set, path_parts(dotted));
}

NodeId find_value(const Tree& tree, NodeId set, std::string_view dotted) {
    for (const Found& found : find_bindings(tree, set, dotted))
        if (found.match == Match::exact && found.value != kNone) return found.value;
    return kNone;
}

Lambda lambda_parts(const Tree& tree, NodeId id) {
    Lambda out;
    id = strip_parens(tree, id);
    if (!tree.is(id, Kind::lambda)) return out;
    for (const NodeId child : tree.children(id)) {
        if (tree.is(child, Kind::name)) out.argument = child;
        if (tree.is(child, Kind::formals)) out.formals = child;
    }
    out.body = tree.last_child(id);
    return out;
}

NodeId find_formal(const Tree& tree, NodeId formals, std::string_view name) {
    return formals == kNone ? kNone : NameIndex::of(tree).find(tree, formals, name).definer;
}

NodeId innermost_body(const Tree& tree, NodeId id) {
    id = strip_parens(tree, id);
    while (tree.is(id, Kind::lambda)) id = strip_parens(tree, tree.last_child(id));
    return id;
}

NodeId node_at(const Tree& tree, std::uint32_t offset) {
    const auto covers = [&](NodeId id) { return tree.span(id).begin <= offset && offset < tree.span(id).end; };
    NodeId id = tree.root();
    for (bool deeper = covers(id); deeper;) {
        const auto children = tree.children(id);
        // The last child that begins at or before the offset is the only one that can contain it.
        auto next = std::upper_bound(children.begin(), children.end(), offset, [&](std::uint32_t wanted, NodeId child) {
            return wanted < tree.span(child).begin;
        });
        deeper = next != children.begin() && covers(*--next);
        if (deeper) id = *next;
    }
    return id;
}

NodeId enclosing(const Tree& tree, NodeId id, Kind kind) {
    while (id != kNone && tree.kind(id) != kind) id = tree.parent(id);
    return id;
}

}  // namespace lf::nixsyntax
