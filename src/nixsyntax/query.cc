// SPDX-License-Identifier: MIT
#include "nixsyntax/query.h"

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "base/text.h"
#include "nixsyntax/literals.h"

namespace lf::nixsyntax {

struct NameIndex {
    std::unordered_map<NodeId, std::unordered_map<std::string, Definition>> scopes;

    static NameIndex& of(const Tree& tree) {
        if (!tree.names_) tree.names_ = std::make_shared<NameIndex>();
        return *tree.names_;
    }
};

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

// Below this many entries it is quicker to look through them.
constexpr std::size_t kFewEntries = 16;

// One more binding of a name.
void define(const Tree& tree, NodeId binding, Definition& out) {
    if (out.definer != kNone) {
        out.value = kNone;  // more than one binding makes it
        return;
    }
    out.definer = binding;
    if (tree.children(binding_path(tree, binding)).size() == 1) out.value = binding_value(tree, binding);
}

// What each name of a let or set is defined by, so that a thousand uses of a thousand names do not make a million.
const std::unordered_map<std::string, Definition>& names_of(const Tree& tree, NodeId owner) {
    const auto [it, fresh] = NameIndex::of(tree).scopes.try_emplace(owner);
    if (!fresh) return it->second;
    for (const NodeId entry : entries(tree, owner)) {
        if (tree.is(entry, Kind::binding)) {
            if (const auto name = attr_name(tree, tree.child(binding_path(tree, entry), 0)))
                define(tree, entry, it->second[*name]);
            continue;
        }
        for (const NodeId inherited : inherit_names(tree, entry))
            if (const auto name = attr_name(tree, inherited))
                if (Definition& known = it->second[*name]; known.definer == kNone) known.definer = entry;
    }
    return it->second;
}

// The first entry whose (first) name is this one; `value` as in Definition.
bool define_by_entry(const Tree& tree, NodeId owner, std::string_view name, Definition& out) {
    if (entries(tree, owner).size() > kFewEntries) {
        const auto& names = names_of(tree, owner);
        if (const auto found = names.find(std::string(name)); found != names.end()) out = found->second;
    } else {
        for (const NodeId entry : entries(tree, owner)) {
            if (tree.is(entry, Kind::binding)) {
                if (attr_name(tree, tree.child(binding_path(tree, entry), 0)) == name) define(tree, entry, out);
            } else if (out.definer == kNone) {
                for (const NodeId inherited : inherit_names(tree, entry))
                    if (attr_name(tree, inherited) == name) out.definer = entry;
            }
        }
    }
    out.owner = owner;
    return out.definer != kNone;
}

bool define_by_lambda(const Tree& tree, NodeId owner, std::string_view name, Definition& out) {
    const Lambda lambda = lambda_parts(tree, owner);
    out.owner = owner;
    if (lambda.argument != kNone && tree.text(lambda.argument) == name) {
        out.scope = Scope::argument;
        out.definer = lambda.argument;
    } else if (lambda.formals != kNone) {
        out.scope = Scope::formal;
        out.definer = find_formal(tree, lambda.formals, name);
    }
    return out.definer != kNone;
}

// Does the scope that `owner` opens cover what was reached from its child `child` (or grandchild `below`)?
bool scope_covers(const Tree& tree, NodeId owner, NodeId child, NodeId below) {
    switch (tree.kind(owner)) {
        case Kind::let:
        case Kind::legacy_let:
        case Kind::set:
            // `inherit x;` means the x outside; the source of `inherit (e)` is inside.
            return !(tree.is(child, Kind::inherit) && !tree.has(child, kHasSource) && below != kNone);
        default: return true;
    }
}

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
    if (formals == kNone) return kNone;
    for (const NodeId formal : tree.children(formals))
        if (tree.text(tree.child(formal, 0)) == name) return formal;
    return kNone;
}

NodeId innermost_body(const Tree& tree, NodeId id) {
    id = strip_parens(tree, id);
    while (tree.is(id, Kind::lambda)) id = strip_parens(tree, tree.last_child(id));
    return id;
}

Definition resolve(const Tree& tree, NodeId id) {
    if (const auto name = attr_name(tree, id); name && !tree.is(id, Kind::identifier)) return resolve(tree, id, *name);
    return resolve(tree, id, tree.text(id));
}

Definition resolve(const Tree& tree, NodeId id, std::string_view name) {
    NodeId with = kNone;
    NodeId below = kNone;
    for (NodeId child = id, owner = tree.parent(id); owner != kNone; child = owner, owner = tree.parent(owner)) {
        Definition out;
        const Kind kind = tree.kind(owner);
        if (kind == Kind::with && child == tree.child(owner, 1) && with == kNone) with = owner;
        if (kind == Kind::lambda && define_by_lambda(tree, owner, name, out)) return out;
        const bool recursive = kind == Kind::set && tree.has(owner, kRecursive);
        if ((kind == Kind::let || kind == Kind::legacy_let || recursive) && scope_covers(tree, owner, child, below) &&
            define_by_entry(tree, owner, name, out)) {
            out.scope = recursive ? Scope::rec_set : Scope::let;
            return out;
        }
        below = child;
    }
    Definition out;
    if (with == kNone) return out;
    out.scope = Scope::with;
    out.owner = with;
    return out;
}

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
