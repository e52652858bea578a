// SPDX-License-Identifier: MIT
// Taking flags and bindings out, together with what would be left without a meaning: `++ [ ]`,
// `cmakeFlags = old.cmakeFlags;`, `.overrideAttrs (old: { })`. Where a comment stands in the rest, the rest stays.
#include <algorithm>
#include <map>
#include <set>

#include "flake/layout.h"
#include "lint/comments.h"
#include "lint/fixes.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::EditSet;
using nixsyntax::Span;

/// The node with all parentheses around it.
NodeId with_parens(const Tree& tree, NodeId node) {
    while (tree.is(tree.parent(node), Kind::parens)) node = tree.parent(node);
    return node;
}

/// `base.overrideAttrs (old: { … })`
struct OverrideCall {
    NodeId call = kNone;
    NodeId before = kNone;  ///< the expression or the name in front of the last dot
    Span rest;              ///< behind it
};
std::optional<OverrideCall> override_call(const Tree& tree, NodeId set) {
    NodeId argument = with_parens(tree, set);
    while (tree.is(tree.parent(argument), Kind::lambda)) argument = with_parens(tree, tree.parent(argument));
    const NodeId call = tree.parent(argument);
    if (!tree.is(call, Kind::apply) || tree.children(call).size() != 2 || tree.child(call, 1) != argument)
        return std::nullopt;
    const NodeId select = tree.child(call, 0);
    if (!tree.is(select, Kind::select) || tree.children(select).size() != 2) return std::nullopt;
    const auto names = tree.children(tree.child(select, 1));
    const auto last = nixsyntax::attr_name(tree, names.back());
    if (last != "override" && last != "overrideAttrs") return std::nullopt;
    const NodeId before = names.size() == 1 ? tree.child(select, 0) : names[names.size() - 2];
    return OverrideCall{call, before, {tree.span(before).end, tree.span(call).end}};
}

/// A binding of a set or let; where it is all of an override, the override.
void erase_binding(const Tree& tree, NodeId binding, EditSet& edits) {
    const NodeId set = tree.parent(binding);
    const bool alone = tree.is(set, Kind::set) && nixsyntax::entries(tree, set).size() == 1;
    const auto found = alone ? override_call(tree, set) : std::nullopt;
    if (!found || has_comments(tree, found->rest)) {
        flake::remove_item(tree, binding, edits);
        return;
    }
    // `a = (b.override { … }).overrideAttrs …;` → `a = b.override { … };`
    const NodeId up = tree.parent(found->call);
    const bool bare = tree.is(found->before, Kind::parens) && (tree.is(up, Kind::binding) || tree.is(up, Kind::parens));
    const Span before = tree.span(found->before);
    if (bare) edits.erase({before.begin, before.begin + 1});
    edits.erase({found->rest.begin - (bare ? 1 : 0), found->rest.end});
}

/// `old.cmakeFlags` as the value of cmakeFlags: the binding around, or kNone.
NodeId binding_of_nothing(const Tree& tree, NodeId value, NodeId rest) {
    const NodeId binding = tree.parent(with_parens(tree, value));
    const auto name = nixsyntax::dotted_name(tree, nixsyntax::strip_parens(tree, rest));
    if (!tree.is(binding, Kind::binding) || !name || name->size() != 2 || name->back() != "cmakeFlags") return kNone;
    const auto path = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, binding));
    if (!path || path->size() != 1 || path->front() != "cmakeFlags") return kNone;
    // Those of another package are a change.
    const NodeId lambda = tree.parent(with_parens(tree, tree.parent(binding)));
    const NodeId argument = nixsyntax::lambda_parts(tree, lambda).argument;
    return argument != kNone && tree.text(argument) == name->front() ? binding : kNone;
}

/// A list, or a set of flags, of which nothing is left. False: it has to stay, empty.
bool erase_all(const Tree& tree, NodeId node, EditSet& edits) {
    NodeId list = with_parens(tree, node);
    if (tree.is(node, Kind::set)) {
        const auto parts = nixsyntax::call_parts(tree, tree.parent(list));
        const auto name = nixsyntax::dotted_name(tree, parts.front());
        if (parts.size() != 3 || parts[2] != list || !name || name->back() != "mapAttrsToList") return false;
        list = with_parens(tree, tree.parent(list));
    }
    const NodeId both = tree.parent(list);
    if (!tree.is(both, Kind::binary) || tree.op(both) != nixsyntax::TokenKind::concat) return false;
    const bool right = tree.child(both, 1) == list;
    const NodeId other = tree.child(both, right ? 0 : 1);
    const Span rest =
        right ? Span{tree.span(other).end, tree.span(both).end} : Span{tree.span(both).begin, tree.span(other).begin};
    if (has_comments(tree, rest)) return false;
    const NodeId binding = binding_of_nothing(tree, both, other);
    if (binding != kNone && !has_comments(tree, tree.span(binding))) erase_binding(tree, binding, edits);
    else edits.erase(rest);
    return true;
}

bool can_be_taken(const Tree& tree, NodeId node) {
    const NodeId up = tree.parent(node);
    return tree.is(up, Kind::list) ||
           (tree.is(node, Kind::binding) && (tree.is(up, Kind::set) || tree.is(up, Kind::let)));
}

/// Adds the spans of edits that only erase.
void keep_spans(const Tree& tree, const EditSet& edits, std::vector<Span>& spans) {
    const auto sorted = edits.sorted(tree.text().size());
    if (!sorted) return;
    for (const nixsyntax::Edit& edit : *sorted) spans.push_back(edit.span);
}

/// Neighbours both claim the gap between them.
void erase_merged(std::string_view text, std::vector<Span> spans, EditSet& edits) {
    std::ranges::sort(spans, {}, &Span::begin);
    for (std::size_t i = 0; i < spans.size();) {
        Span all = spans[i];
        for (++i; i < spans.size() && spans[i].begin <= all.end; ++i) all.end = std::max(all.end, spans[i].end);
        const bool two_blanks =
            all.begin > 0 && text[all.begin - 1] == ' ' && all.end < text.size() && text[all.end] == ' ';
        if (two_blanks) ++all.end;
        edits.erase(all);
    }
}

}  // namespace

std::optional<Fix> remove_node(const Tree& tree, NodeId node, std::string title) {
    if (!can_be_taken(tree, node)) return std::nullopt;
    Fix fix{std::move(title), {}};
    if (tree.is(node, Kind::binding)) erase_binding(tree, node, fix.edits);
    else flake::remove_item(tree, node, fix.edits);
    return fix;
}

std::optional<Fix> remove_flags(const Tree& tree, const std::vector<const Flag*>& flags, std::string title) {
    std::map<NodeId, std::set<NodeId>> by_list;  // two words of one flag are one item
    for (const Flag* flag : flags) {
        if (!can_be_taken(tree, flag->node)) return std::nullopt;
        by_list[tree.parent(flag->node)].insert(flag->node);
    }
    std::vector<Span> spans;
    for (const auto& [list, nodes] : by_list) {
        EditSet all;
        const bool none_left = nodes.size() == tree.children(list).size() && erase_all(tree, list, all);
        keep_spans(tree, all, spans);
        if (none_left) continue;
        for (const NodeId node : nodes) {
            EditSet one;
            flake::remove_item(tree, node, one);
            keep_spans(tree, one, spans);
        }
    }
    Fix fix{std::move(title), {}};
    erase_merged(tree.text(), std::move(spans), fix.edits);
    if (fix.edits.empty()) return std::nullopt;
    return fix;
}

std::optional<Fix> remove_flag(const Tree& tree, const Flag& flag, std::string title) {
    return remove_flags(tree, {&flag}, std::move(title));
}

}  // namespace lf::lint
