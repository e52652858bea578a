// SPDX-License-Identifier: MIT
#include "lint/fixes.h"

#include <fmt/format.h>

#include "base/text.h"
#include "flake/layout.h"
#include "nixsyntax/query.h"
#include "nixsyntax/style.h"

namespace lf::lint {
namespace {

/// The string literal in an item: itself, or in parentheses.
NodeId string_in(const Tree& tree, NodeId item) {
    const NodeId inner = nixsyntax::strip_parens(tree, item);
    return tree.is(inner, Kind::string) || tree.is(inner, Kind::indented_string) ? inner : kNone;
}

/// An item of a list, or a part of a call or of a dotted name: there a call stands in parentheses.
bool is_operand(const Tree& tree, NodeId node) {
    const NodeId up = tree.parent(node);
    return tree.is(up, Kind::list) || tree.is(up, Kind::apply) || tree.is(up, Kind::select);
}

/// A list on one line, with nothing but blanks between its items.
bool is_one_line(const Tree& tree, NodeId list) {
    const std::string_view text = tree.text(list);
    return text.find_first_of("\n#") == std::string_view::npos && text.find("/*") == std::string_view::npos;
}

/// Puts items behind those of a list. Where that would become too wide, each gets a line.
void append_flags(const Tree& tree, NodeId list, const std::vector<std::string>& flags, nixsyntax::EditSet& edits) {
    constexpr std::size_t kFewFlags = 3;
    if (flags.size() <= kFewFlags || !is_one_line(tree, list)) {
        for (const std::string& flag : flags) flake::append_item(tree, list, {flag, {{0, flag}}}, edits);
        return;
    }
    const std::string indentation = std::string(nixsyntax::line_indent(tree, tree.span(list).begin));
    std::uint32_t at = tree.span(list).begin + 1;
    for (const NodeId item : tree.children(list)) {
        edits.replace({at, tree.span(item).begin}, '\n' + indentation + "  ");
        at = tree.span(item).end;
    }
    std::string rest;
    for (const std::string& flag : flags) rest += fmt::format("\n{}  {}", indentation, flag);
    edits.replace({at, tree.span(list).end - 1}, rest + '\n' + indentation);
}

}  // namespace

std::string name_not_in(const Tree& tree, NodeId node, const std::string& preferred) {
    const auto taken = [&](std::string_view name) {
        const nixsyntax::Node& below = tree.node(node);
        for (std::uint32_t token = below.first_token; token < below.end_token; ++token)
            if (tree.text(tree.token_span(token)) == name) return true;
        return false;
    };
    std::string name = preferred;
    for (int number = 2; taken(name); ++number) name = fmt::format("{}{}", preferred, number);
    return name;
}

Fix replace_node(const Tree& tree, NodeId node, std::string text, std::string title) {
    Fix fix{std::move(title), {}};
    fix.edits.replace(tree.span(node), std::move(text));
    return fix;
}

std::optional<Fix> replace_word(const Tree& tree, NodeId node, std::string_view from, std::string_view to,
                                std::string title) {
    const std::size_t at = tree.text(node).find(from);
    if (at == std::string_view::npos) return std::nullopt;
    const auto begin = static_cast<std::uint32_t>(tree.span(node).begin + at);
    Fix fix{std::move(title), {}};
    fix.edits.replace({begin, static_cast<std::uint32_t>(begin + from.size())}, std::string(to));
    return fix;
}

std::optional<Fix> set_flag(const Tree& tree, const Flag& flag, bool value) {
    if (!flag.written_out || !flag.value) return std::nullopt;
    const std::string word = value ? "ON" : "OFF";
    const std::string title = fmt::format("write {}={}", flag.name, word);
    if (const NodeId string = string_in(tree, flag.node); string != kNone) {
        if (!tree.children(string).empty()) return std::nullopt;
        const auto span = tree.span(string);
        const std::size_t equals = tree.text(string).rfind('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::uint32_t close = tree.is(string, Kind::indented_string) ? 2 : 1;
        Fix fix{title, {}};
        fix.edits.replace({static_cast<std::uint32_t>(span.begin + equals + 1), span.end - close}, word);
        return fix;
    }
    NodeId last = tree.is(flag.node, Kind::binding) ? nixsyntax::binding_value(tree, flag.node)
                                                    : tree.last_child(nixsyntax::strip_parens(tree, flag.node));
    last = nixsyntax::strip_parens(tree, last);
    if (tree.text(last) == "true" || tree.text(last) == "false")
        return replace_node(tree, last, value ? "true" : "false", title);
    if (tree.is(last, Kind::string)) return replace_node(tree, last, '"' + word + '"', title);
    return std::nullopt;
}

std::optional<Fix> add_flags(const Package& package, const std::vector<std::string>& flags, std::string title) {
    const Tree& tree = *package.tree;
    if (flags.empty()) return std::nullopt;
    Fix fix{std::move(title), {}};
    if (package.flags.literal != kNone) {
        append_flags(tree, package.flags.literal, flags, fix.edits);
        return fix;
    }
    if (!package.attrs.empty()) return std::nullopt;
    return wrap_with_flags(tree, package.chain, flags, std::move(fix.title));
}

Fix wrap_with_flags(const Tree& tree, NodeId node, const std::vector<std::string>& flags, std::string title) {
    const auto span = tree.span(node);
    const bool outer = is_operand(tree, node);
    const bool inner = tree.is(node, Kind::apply);
    std::string behind =
        fmt::format(".overrideAttrs (old: {{ cmakeFlags = old.cmakeFlags ++ [ {} ]; }})", join(flags, " "));
    const std::size_t width = nixsyntax::line_end(tree, span.end) - nixsyntax::line_begin(tree, span.end);
    if (width + behind.size() + 4 > flake::width_limit(tree)) {
        const auto style = nixsyntax::file_style(tree);
        const std::string line = style.newline + std::string(nixsyntax::line_indent(tree, span.end));
        behind = fmt::format(".overrideAttrs (old: {{{0}{1}cmakeFlags = old.cmakeFlags ++ [{0}{1}{1}{2}{0}{1}];{0}}})",
                             line, style.indent_unit, join(flags, line + style.indent_unit + style.indent_unit));
    }
    Fix fix{std::move(title), {}};
    fix.edits.insert(span.begin, std::string(outer ? "(" : "") + (inner ? "(" : ""));
    fix.edits.insert(span.end, (inner ? ")" : "") + behind + (outer ? ")" : ""));
    return fix;
}

std::optional<Fix> add_argument(const Package& package, const std::string& name, const std::string& value,
                                std::string title) {
    const Tree& tree = *package.tree;
    const std::string binding = fmt::format("{} = {};", name, value);
    Fix fix{std::move(title), {}};
    if (package.arguments_set != kNone) {
        flake::append_item(tree, package.arguments_set, {binding, {{0, binding}}}, fix.edits);
        return fix;
    }
    // `base.overrideAttrs` → `(base.override { … }).overrideAttrs`
    fix.edits.insert(package.base.begin, "(");
    fix.edits.insert(package.base.end, fmt::format(".override {{ {} }})", binding));
    return fix;
}

std::vector<std::string> planned_flags(const Knowledge& knowledge, const FlagList* list) {
    std::vector<std::string> out;
    for (const auto& [name, value] : knowledge.cpu_flags)
        if (list == nullptr || !list->on(name)) out.push_back(fmt::format("\"-D{}=ON\"", name));
    return out;
}

}  // namespace lf::lint
