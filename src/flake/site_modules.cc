// SPDX-License-Identifier: MIT
#include "flake/site_modules.h"

#include <algorithm>

namespace lf::flake {
namespace {

using nixsyntax::Match;

/// The one binding or inherited name of `modules`; its entry is kNone if there is none or several.
nixsyntax::Found modules_of(const Site& site) {
    const auto all = nixsyntax::find_bindings(site.tree(), site.arguments.id, "modules");
    return all.size() == 1 && all.front().match == Match::exact ? all.front() : nixsyntax::Found{};
}

/// The value of a let that this place alone uses: what is added to it reaches nobody else.
NodeId own_value(const Tree& tree, NodeId use) {
    const nixsyntax::Definition definition = nixsyntax::resolve(tree, use);
    if (definition.scope != nixsyntax::Scope::let || definition.value == kNone) return kNone;
    std::size_t uses = 0;
    for (NodeId id = 0; id < tree.size(); ++id) {
        const bool name = tree.is(id, Kind::identifier) ||
                          (tree.is(tree.parent(id), Kind::inherit) &&
                           nixsyntax::inherit_source(tree, tree.parent(id)) == kNone && !tree.is(id, Kind::parens));
        if (name && tree.text(id) == tree.text(use) && nixsyntax::resolve(tree, id).definer == definition.definer)
            ++uses;
    }
    return uses == 1 ? definition.value : kNone;
}

/// Can `++ [ … ]` stand behind it?
bool can_be_joined(const Tree& tree, NodeId value) {
    const Kind kind = tree.kind(value);
    return kind == Kind::identifier || kind == Kind::select || kind == Kind::apply || kind == Kind::parens ||
           (kind == Kind::binary && tree.op(value) == nixsyntax::TokenKind::concat);
}

/// ` ++ [ module ]`, on lines of its own where it does not fit.
std::string joined(const Tree& tree, NodeId at, const Block& module) {
    const std::string indentation(nixsyntax::line_indent_of(tree, at));
    const auto style = nixsyntax::file_style(tree);
    std::string one = module.one_line.empty() ? "" : " ++ " + bracketed(tree, '[', module.one_line, ']');
    const std::uint32_t end = tree.span(at).end;
    const std::size_t width = nixsyntax::line_end(tree, end) - nixsyntax::line_begin(tree, end);
    if (!one.empty() && width + one.size() <= width_limit(tree)) return one;
    const std::string inner = indentation + style.indent_unit;
    return " ++ [" + style.newline + inner + laid_out(tree, module, inner) + style.newline + indentation + "]";
}

/// `inherit system modules;` → `inherit system;` and a binding.
void bind_inherited(const Site& site, NodeId name, const Block& module, nixsyntax::EditSet& edits) {
    const Tree& tree = site.tree();
    const NodeId inherit = tree.parent(name);
    const std::string text = "modules = modules" + joined(tree, inherit, module) + ";";
    if (nixsyntax::inherit_names(tree, inherit).size() == 1) return edits.replace(tree.span(inherit), text);
    const auto names = nixsyntax::inherit_names(tree, inherit);
    const auto at = std::find(names.begin(), names.end(), name);
    const nixsyntax::Span span = tree.span(name);
    if (at != names.begin()) edits.erase({tree.span(*(at - 1)).end, span.end});
    else edits.erase({span.begin, tree.span(*(at + 1)).begin});
    const nixsyntax::FileStyle style = nixsyntax::file_style(tree);
    const bool own_line = nixsyntax::starts_line(tree, inherit);
    edits.insert(nixsyntax::end_with_comment(tree, inherit),
                 own_line ? style.newline + std::string(nixsyntax::line_indent_of(tree, inherit)) + text : " " + text);
}

}  // namespace

std::vector<NodeId> module_lists(const Site& site) {
    const Tree& tree = site.tree();
    std::vector<NodeId> out;
    const auto add = [&](NodeId value) {
        for (const NodeId list : nixsyntax::list_literals(tree, value)) out.push_back(list);
    };
    for (const auto& found : nixsyntax::find_bindings(tree, site.arguments.id, "modules")) {
        if (found.match != Match::exact) continue;
        if (found.value != kNone) add(found.value);
        const NodeId use = found.value == kNone ? found.name : nixsyntax::strip_parens(tree, found.value);
        if (found.value != kNone && !tree.is(use, Kind::identifier)) continue;
        if (const NodeId own = own_value(tree, use); own != kNone) add(own);
    }
    return out;
}

ModulesEnd modules_end(const Site& site) {
    ModulesEnd out;
    if (const auto lists = module_lists(site); !lists.empty()) {
        out.list = lists.back();
        return out;
    }
    const Tree& tree = site.tree();
    const nixsyntax::Found found = modules_of(site);
    if (found.entry == kNone) return out;
    if (found.value != kNone) {
        const NodeId value = nixsyntax::result_of(tree, found.value);
        if (can_be_joined(tree, value)) out.expression = value;
    } else if (nixsyntax::inherit_source(tree, found.entry) == kNone &&
               !tree.has(site.arguments.id, nixsyntax::kRecursive)) {
        out.inherited = found.name;
    }
    return out;
}

void add_to_modules(const Site& site, const Block& module, nixsyntax::EditSet& edits) {
    const Tree& tree = site.tree();
    const ModulesEnd end = modules_end(site);
    if (end.list != kNone) return append_item(tree, end.list, module, edits);
    if (end.inherited != kNone) return bind_inherited(site, end.inherited, module, edits);
    if (end.expression != kNone) edits.insert(tree.span(end.expression).end, joined(tree, end.expression, module));
}

Ref own_module_list(const Outline& outline, std::size_t host) {
    const Site& site = outline.sites[outline.hosts[host].site];
    const Tree& tree = site.tree();
    const nixsyntax::Span inside = tree.span(site.arguments.id);
    // The literal list that an operand of `modules` is for a host, if it stands outside of the function's call.
    const auto given = [&](NodeId operand, std::size_t to) {
        Bound bound = outline.hosts[to].bound;
        const Ref list = outline.values->value_of({&tree, operand}, bound);
        const nixsyntax::Span span = list.tree->span(list.id);
        const bool outside = list.tree != &tree || span.end <= inside.begin || span.begin >= inside.end;
        return list.tree->is(list.id, Kind::list) && outside ? list : Ref{};
    };
    Ref last;
    for (const auto& found : nixsyntax::find_bindings(tree, site.arguments.id, "modules")) {
        if (found.match != nixsyntax::Match::exact) continue;
        for (const NodeId operand : nixsyntax::list_operands(tree, found.value == kNone ? found.name : found.value)) {
            const Ref list = given(operand, host);
            const bool shared = std::any_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t other) {
                return other != host && list == given(operand, other);
            });
            if (list && !shared) last = list;
        }
    }
    return last;
}

NewList new_module_list(const Outline& outline, std::size_t host) {
    const Site& site = outline.sites[outline.hosts[host].site];
    const Tree& tree = site.tree();
    const Bound& bound = outline.hosts[host].bound;
    NewList last;
    for (const auto& found : nixsyntax::find_bindings(tree, site.arguments.id, "modules")) {
        if (found.match != nixsyntax::Match::exact || found.value == kNone) continue;
        for (const NodeId operand : nixsyntax::list_operands(tree, found.value)) {
            const NodeId name = nixsyntax::strip_parens(tree, operand);
            if (!tree.is(name, Kind::identifier)) continue;
            const auto definition = nixsyntax::resolve(tree, name);
            const NodeId otherwise =
                definition.scope == nixsyntax::Scope::formal ? tree.child(definition.definer, 1) : kNone;
            if (otherwise == kNone || !tree.is(otherwise, Kind::list)) continue;
            const auto given = bound.values.find({&tree, tree.parent(definition.definer)});
            if (given == bound.values.end()) continue;
            Bound copy = bound;
            const Ref set = outline.values->value_of(given->second, copy);
            const std::string text(tree.text(name));
            if (!set.tree->is(set.id, Kind::set) || !nixsyntax::find_bindings(*set.tree, set.id, text).empty())
                continue;
            const bool shared = std::any_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t other) {
                const auto& values = outline.hosts[other].bound.values;
                const auto it = values.find(given->first);
                Bound of_other = outline.hosts[other].bound;
                return other != host && it != values.end() && outline.values->value_of(it->second, of_other) == set;
            });
            if (!shared) last = {set, text};
        }
    }
    return last;
}

}  // namespace lf::flake
