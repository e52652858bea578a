// SPDX-License-Identifier: MIT
#include "nixsyntax/style.h"

#include <algorithm>
#include <map>

#include "nixsyntax/query.h"

namespace lf::nixsyntax {
namespace {

bool only_blanks(std::string_view text) { return text.find_first_not_of(" \t") == std::string_view::npos; }

// The children that count as items: for a let without its body.
std::span<const NodeId> items_of(const Tree& tree, NodeId id) {
    const auto children = tree.children(id);
    return tree.is(id, Kind::let) ? children.first(children.size() - 1) : children;
}

// The first token of this kind among the node's own, searched from `from` in steps of `step`.
std::uint32_t find_token(const Tree& tree, std::uint32_t from, int step, TokenKind kind) {
    while (tree.tokens()[from].kind != kind) from = static_cast<std::uint32_t>(static_cast<std::int64_t>(from) + step);
    return from;
}

struct Brackets {
    std::uint32_t open;   // token
    std::uint32_t close;  // token
};

Brackets brackets_of(const Tree& tree, NodeId id) {
    const Node& node = tree.node(id);
    switch (tree.kind(id)) {
        case Kind::let: {
            const std::uint32_t body = tree.node(tree.last_child(id)).first_token;
            return {node.first_token, find_token(tree, body - 1, -1, TokenKind::kw_in)};
        }
        case Kind::set:
        case Kind::legacy_let:
            return {find_token(tree, node.first_token, 1, TokenKind::brace_open), node.end_token - 1};
        default: return {node.first_token, node.end_token - 1};
    }
}

bool has_newline(const Tree& tree, std::uint32_t begin, std::uint32_t end) {
    return tree.text().substr(begin, end - begin).find('\n') != std::string_view::npos;
}

// Is there an empty line between these offsets?
bool has_empty_line(const Tree& tree, std::uint32_t begin, std::uint32_t end) {
    bool after_newline = false;
    for (const char c : tree.text().substr(begin, end - begin)) {
        if (c == '\n') {
            if (after_newline) return true;
            after_newline = true;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            after_newline = false;
        }
    }
    return false;
}

// How much deeper the lines of items stand than the line of what contains them, the most frequent such step.
std::string frequent_step(const Tree& tree) {
    std::map<std::string, std::size_t> counts;
    for (NodeId id = 0; id < tree.size(); ++id) {
        const Kind kind = tree.kind(id);
        if (kind != Kind::set && kind != Kind::list && kind != Kind::let && kind != Kind::formals) continue;
        const auto items = items_of(tree, id);
        if (items.empty() || !starts_line(tree, items[0])) continue;
        const std::string_view outer = line_indent_of(tree, id);
        const std::string_view inner = line_indent_of(tree, items[0]);
        if (inner.size() > outer.size() && inner.starts_with(outer)) ++counts[std::string(inner.substr(outer.size()))];
    }
    const auto most = std::max_element(counts.begin(), counts.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? "  " : most->first;
}

// Where the comment lines directly above the line of `begin` start, or that line itself.
std::uint32_t with_comment_lines_above(const Tree& tree, std::uint32_t begin) {
    std::uint32_t line = line_begin(tree, begin);
    while (line > 0) {
        const std::uint32_t above = line_begin(tree, line - 1);
        std::string_view text = tree.text().substr(above, line - 1 - above);
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
        if (!text.starts_with('#')) break;
        line = above;
    }
    return line;
}

}  // namespace

FileStyle file_style(const Tree& tree) {
    FileStyle out;
    const std::string_view text = tree.text();
    std::size_t newlines = 0;
    std::size_t with_return = 0;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        ++newlines;
        if (at > 0 && text[at - 1] == '\r') ++with_return;
    }
    if (with_return * 2 > newlines) out.newline = "\r\n";
    out.final_newline = text.empty() || text.back() == '\n';
    out.indent_unit = frequent_step(tree);
    return out;
}

std::uint32_t line_begin(const Tree& tree, std::uint32_t offset) {
    const std::size_t newline = offset == 0 ? std::string_view::npos : tree.text().rfind('\n', offset - 1);
    return newline == std::string_view::npos ? 0 : static_cast<std::uint32_t>(newline + 1);
}

std::uint32_t line_end(const Tree& tree, std::uint32_t offset) {
    const std::size_t newline = tree.text().find('\n', offset);
    if (newline == std::string_view::npos) return static_cast<std::uint32_t>(tree.text().size());
    const bool with_return = newline > offset && tree.text()[newline - 1] == '\r';
    return static_cast<std::uint32_t>(newline - (with_return ? 1 : 0));
}

std::string_view line_indent(const Tree& tree, std::uint32_t offset) {
    const std::uint32_t begin = line_begin(tree, offset);
    const std::string_view line = tree.text().substr(begin, line_end(tree, begin) - begin);
    return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

std::string_view line_indent_of(const Tree& tree, NodeId id) { return line_indent(tree, tree.span(id).begin); }

bool starts_line(const Tree& tree, NodeId id) {
    const std::uint32_t begin = line_begin(tree, tree.span(id).begin);
    return only_blanks(tree.text().substr(begin, tree.span(id).begin - begin));
}

bool on_one_line(const Tree& tree, NodeId id) { return !has_newline(tree, tree.span(id).begin, tree.span(id).end); }

std::uint32_t end_with_comment(const Tree& tree, NodeId id) {
    std::uint32_t token = tree.node(id).end_token;
    std::uint32_t end = tree.span(id).end;
    for (; is_trivia(tree.tokens()[token].kind); ++token) {
        const Span span = tree.token_span(token);
        if (has_newline(tree, span.begin, span.end)) break;
        if (tree.tokens()[token].kind != TokenKind::blank) end = span.end;
    }
    // A block comment belongs to what it is followed by, unless nothing follows on the line.
    const TokenKind next = tree.tokens()[token].kind;
    if (!is_trivia(next) && next != TokenKind::end_of_file) return tree.span(id).end;
    return end;
}

Span span_with_comments(const Tree& tree, NodeId id) {
    const std::uint32_t end = end_with_comment(tree, id);
    if (!starts_line(tree, id)) return {tree.span(id).begin, end};
    const std::uint32_t stop = line_end(tree, end);
    if (!only_blanks(tree.text().substr(end, stop - end))) return {tree.span(id).begin, end};
    const auto size = static_cast<std::uint32_t>(tree.text().size());
    const std::size_t newline = tree.text().find('\n', stop);
    const std::uint32_t after = newline == std::string_view::npos ? size : static_cast<std::uint32_t>(newline + 1);
    return {with_comment_lines_above(tree, tree.span(id).begin), after};
}

ItemStyle item_style(const Tree& tree, NodeId id) {
    ItemStyle out;
    const Brackets brackets = brackets_of(tree, id);
    out.open_end = tree.token_span(brackets.open).end;
    out.close_begin = tree.token_span(brackets.close).begin;
    out.close_indent = line_indent(tree, out.close_begin);
    const auto items = items_of(tree, id);
    out.empty = items.empty();
    if (items.empty()) {
        out.one_line = !has_newline(tree, out.open_end, out.close_begin);
        out.blank_inside = out.open_end < out.close_begin;
        out.item_indent = std::string(line_indent_of(tree, id)) + file_style(tree).indent_unit;
        return out;
    }
    out.one_line = !has_newline(tree, out.open_end, tree.span(items[0]).begin);
    for (std::size_t i = 1; i < items.size() && out.one_line; ++i)
        out.one_line = !has_newline(tree, tree.span(items[i - 1]).end, tree.span(items[i]).begin);
    out.blank_inside = out.open_end < tree.span(items[0]).begin;
    out.item_indent = line_indent_of(tree, items.back());
    std::size_t parted = 0;
    for (std::size_t i = 1; i < items.size(); ++i)
        parted += has_empty_line(tree, tree.span(items[i - 1]).end, tree.span(items[i]).begin) ? 1 : 0;
    out.blank_lines = parted * 2 > items.size() - 1;
    return out;
}

FormalStyle formal_style(const Tree& tree, NodeId formals) {
    FormalStyle out;
    out.items = item_style(tree, formals);
    std::size_t leading = 0;
    std::size_t trailing = 0;
    TokenKind last = TokenKind::brace_open;
    const Node& node = tree.node(formals);
    for (std::uint32_t token = node.first_token + 1; token + 1 < node.end_token; ++token) {
        const TokenKind kind = tree.tokens()[token].kind;
        if (is_trivia(kind)) continue;
        last = kind;
        if (kind != TokenKind::comma || node_at(tree, tree.tokens()[token].begin) != formals) continue;
        const std::uint32_t line = line_begin(tree, tree.tokens()[token].begin);
        const bool leads = only_blanks(tree.text().substr(line, tree.tokens()[token].begin - line));
        ++(leads ? leading : trailing);
    }
    out.commas = leading > trailing ? Commas::leading : Commas::trailing;
    out.final_comma = last == TokenKind::comma;
    return out;
}

std::string assign_text(const Tree& tree, NodeId binding) {
    std::string out;
    const std::uint32_t end = tree.node(tree.child(binding, 1)).first_token;
    for (std::uint32_t token = tree.node(tree.child(binding, 0)).end_token; token < end; ++token) {
        const std::string_view text = tree.text(tree.token_span(token));
        if (!is_trivia(tree.tokens()[token].kind)) out += text;
        if (tree.tokens()[token].kind == TokenKind::blank && text.find('\n') == std::string_view::npos) out += text;
    }
    return out;
}

}  // namespace lf::nixsyntax
