// SPDX-License-Identifier: MIT
#include "flake/layout.h"

#include <algorithm>

#include "base/text.h"

namespace lf::flake {
namespace {

using nixsyntax::ItemStyle;
using nixsyntax::Span;

std::string_view between(const Tree& tree, std::uint32_t begin, std::uint32_t end) {
    return tree.text(Span{begin, end});
}
bool is_blank(std::string_view text) { return trim(text).empty(); }

/// The items of a list, set or let; not the body of a let.
std::vector<NodeId> items_of(const Tree& tree, NodeId node) {
    const auto all = tree.is(node, Kind::list) ? tree.children(node) : nixsyntax::entries(tree, node);
    return {all.begin(), all.end()};
}

/// The end of the last comment in [from, to), or `from`.
std::uint32_t behind_comments(const Tree& tree, std::uint32_t from, std::uint32_t to) {
    const auto tokens = tree.tokens();
    const auto first =
        std::lower_bound(tokens.begin(), tokens.end(), from,
                         [](const nixsyntax::Token& token, std::uint32_t at) { return token.begin < at; });
    std::uint32_t end = from;
    for (auto it = first; it != tokens.end() && it->begin < to; ++it)
        if (it->kind == nixsyntax::TokenKind::line_comment || it->kind == nixsyntax::TokenKind::block_comment)
            end = (it + 1)->begin;
    return end;
}

std::size_t line_width(const Tree& tree, std::uint32_t at) {
    return nixsyntax::line_end(tree, at) - nixsyntax::line_begin(tree, at);
}

constexpr std::size_t kUsualWidth = 100;

/// `[ a b ]` → a line for each, the block as the last. False if a comment is in the way.
bool break_up(const Tree& tree, NodeId node, const ItemStyle& style, const std::string& text,
              nixsyntax::EditSet& edits) {
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::string outer(nixsyntax::line_indent(tree, style.open_end));
    const std::string inner = outer + nixsyntax::file_style(tree).indent_unit;
    std::vector<Span> gaps;
    std::uint32_t from = style.open_end;
    for (const NodeId item : items_of(tree, node)) {
        gaps.push_back({from, tree.span(item).begin});
        from = tree.span(item).end;
    }
    const Span last{from, style.close_begin};
    const auto clear = [&](Span gap) { return is_blank(tree.text(gap)); };
    if (!std::all_of(gaps.begin(), gaps.end(), clear) || !clear(last)) return false;
    for (const Span gap : gaps) edits.replace(gap, newline + inner);
    edits.replace(last, newline + inner + text + newline + outer);
    return true;
}

void append_to_lines(const Tree& tree, const ItemStyle& style, NodeId last, const Block& block, Gap gap,
                     nixsyntax::EditSet& edits) {
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::uint32_t at = behind_comments(tree, tree.span(last).end, style.close_begin);
    const bool gaping = gap == Gap::empty_line || (gap == Gap::as_neighbours && style.blank_lines);
    const std::string blank = gaping ? newline : "";
    edits.insert(at, blank + newline + style.item_indent + laid_out(tree, block, style.item_indent));
}

void append_to_empty(const Tree& tree, NodeId node, const ItemStyle& style, const Block& block,
                     nixsyntax::EditSet& edits) {
    const Span inside{style.open_end, style.close_begin};
    const bool fits =
        !block.one_line.empty() && line_width(tree, inside.begin) + block.one_line.size() <= width_limit(tree);
    const bool one_line = tree.text(inside).find('\n') == std::string_view::npos;
    if (is_blank(tree.text(inside)) && fits && one_line) {
        const std::string pad = inside.empty() && is_tight(tree) ? "" : " ";
        return edits.replace(inside, pad + block.one_line + pad);
    }
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::string outer(nixsyntax::line_indent_of(tree, node));
    const std::string inner = outer + nixsyntax::file_style(tree).indent_unit;
    if (is_blank(tree.text(inside)))
        return edits.replace(inside, newline + inner + laid_out(tree, block, inner) + newline + outer);
    const std::uint32_t at = behind_comments(tree, inside.begin, inside.end);
    const bool closes_line = between(tree, at, inside.end).find('\n') == std::string_view::npos;
    edits.insert(at, newline + inner + laid_out(tree, block, inner) + (closes_line ? newline + outer : ""));
}

Span without_double_gap(const Tree& tree, Span lines) {
    const auto blank_line = [&](std::uint32_t at) {
        return is_blank(between(tree, nixsyntax::line_begin(tree, at), nixsyntax::line_end(tree, at)));
    };
    const auto size = static_cast<std::uint32_t>(tree.text().size());
    const bool blank_above = lines.begin > 0 && blank_line(lines.begin - 1);
    const bool blank_below = lines.end < size && blank_line(lines.end);
    const bool opens_above = lines.begin > 0 && !blank_above;
    std::string_view below = between(tree, lines.end, nixsyntax::line_end(tree, lines.end));
    below = trim(below);
    const bool closes_below = below.starts_with('}') || below.starts_with(']') || below.starts_with("in");
    if (blank_above && (blank_below || closes_below)) {
        lines.begin = nixsyntax::line_begin(tree, lines.begin - 1);
    } else if (blank_below && opens_above) {
        const std::string_view above = trim(
            between(tree, nixsyntax::line_begin(tree, lines.begin - 1), nixsyntax::line_end(tree, lines.begin - 1)));
        if (above.ends_with('{') || above.ends_with('[') || above.ends_with("let"))
            lines.end = std::min(size, nixsyntax::line_end(tree, lines.end) +
                                           static_cast<std::uint32_t>(nixsyntax::file_style(tree).newline.size()));
    }
    return lines;
}

/// The span, and the blank before it where another follows.
Span without_double_blank(const Tree& tree, Span span) {
    const std::string_view text = tree.text();
    const bool between = span.begin > 0 && text[span.begin - 1] == ' ' && span.end < text.size() &&
                         (text[span.end] == ' ' || text[span.end] == '\n');
    return {span.begin - (between ? 1 : 0), span.end};
}

void remove_from_line(const Tree& tree, NodeId item, nixsyntax::EditSet& edits) {
    const auto items = items_of(tree, tree.parent(item));
    const auto it = std::find(items.begin(), items.end(), item);
    const Span span = tree.span(item);
    if (it != items.end() && it != items.begin()) {
        const Span gap{tree.span(*(it - 1)).end, span.begin};
        return edits.erase(is_blank(tree.text(gap)) ? Span{gap.begin, span.end} : without_double_blank(tree, span));
    }
    if (it != items.end() && it + 1 != items.end()) {
        const Span gap{span.end, tree.span(*(it + 1)).begin};
        return edits.erase(is_blank(tree.text(gap)) ? Span{span.begin, gap.end} : without_double_blank(tree, span));
    }
    const bool blank_behind = span.end < tree.text().size() && tree.text()[span.end] == ' ';
    edits.erase({span.begin, span.end + (blank_behind ? 1 : 0)});
}

}  // namespace

std::size_t width_limit(const Tree& tree) {
    std::size_t widest = kUsualWidth;
    for (NodeId id = 0; id < tree.size(); ++id)
        if ((tree.is(id, Kind::list) || tree.is(id, Kind::set)) && tree.children(id).size() > 1 &&
            nixsyntax::on_one_line(tree, id))
            widest = std::max(widest, line_width(tree, tree.span(id).begin));
    return widest;
}

bool fits_on_line(const Tree& tree, NodeId list, const Block& block) {
    const std::size_t width = line_width(tree, tree.span(list).begin);
    if (block.one_line.empty()) return false;
    return width > kUsualWidth || width + 1 + block.one_line.size() <= width_limit(tree);
}

bool is_tight(const Tree& tree) {
    long tight = 0;
    long loose = 0;
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!tree.is(id, Kind::list) && !tree.is(id, Kind::set)) continue;
        const std::string_view text = tree.text(id);
        if (text.size() < 3 || (text[0] != '[' && text[0] != '{') || tree.children(id).empty()) continue;
        if (text[1] == ' ') ++loose;
        else if (text[1] != '\n' && text[1] != '\r' && text[1] != '\t' && text[1] != '#') ++tight;
    }
    return tight > loose;
}

std::string bracketed(const Tree& tree, char open, std::string_view inside, char close) {
    const std::string pad = is_tight(tree) ? "" : " ";
    return open + pad + std::string(inside) + pad + close;
}

std::string laid_out(const Tree& tree, const Block& block, std::string_view indentation) {
    if (block.lines.empty()) return block.one_line;
    const nixsyntax::FileStyle style = nixsyntax::file_style(tree);
    const bool fits = !block.one_line.empty() && indentation.size() + block.one_line.size() <= kUsualWidth;
    if (fits && block.compact) return block.one_line;
    std::string out;
    for (const auto& [depth, text] : block.lines) {
        if (!out.empty()) {
            out += style.newline;
            out += indentation;
            for (int i = 0; i < depth; ++i) out += style.indent_unit;
        }
        out += text;
    }
    return out;
}

Block list_binding(const Tree& tree, std::string_view name, const Block& element) {
    Block out;
    out.lines = {{0, std::string(name) + " = ["}};
    for (const auto& [depth, text] : element.lines) out.lines.emplace_back(depth + 1, text);
    out.lines.emplace_back(0, "];");
    if (!element.one_line.empty())
        out.one_line = std::string(name) + " = " + bracketed(tree, '[', element.one_line, ']') + ";";
    return out;
}

void append_item(const Tree& tree, NodeId node, const Block& block, nixsyntax::EditSet& edits, Gap gap) {
    const ItemStyle style = nixsyntax::item_style(tree, node);
    const auto items = items_of(tree, node);
    if (items.empty()) return append_to_empty(tree, node, style, block, edits);
    const NodeId last = items.back();
    if (!style.one_line) return append_to_lines(tree, style, last, block, gap, edits);
    const std::uint32_t end = tree.span(last).end;
    const std::uint32_t at = behind_comments(tree, end, style.close_begin);
    const bool fits = fits_on_line(tree, node, block);
    const std::string outer(nixsyntax::line_indent(tree, style.open_end));
    const std::string inner = outer + nixsyntax::file_style(tree).indent_unit;
    if (!fits && break_up(tree, node, style, laid_out(tree, block, inner), edits)) return;
    const bool same_line = between(tree, end, at).find('\n') == std::string_view::npos &&
                           tree.text().substr(end, at - end).find('#') == std::string_view::npos;
    if (same_line && !block.one_line.empty()) return edits.insert(at, " " + block.one_line);
    const std::string newline = nixsyntax::file_style(tree).newline;
    edits.insert(at, newline + inner + laid_out(tree, block, inner));
}

void insert_behind(const Tree& tree, NodeId entry, const Block& block, nixsyntax::EditSet& edits) {
    const std::string newline = nixsyntax::file_style(tree).newline;
    const std::string indentation(nixsyntax::line_indent_of(tree, entry));
    const Span whole = nixsyntax::span_with_comments(tree, entry);
    const bool gap = whole.begin > 0 && whole.begin == nixsyntax::line_begin(tree, whole.begin) &&
                     is_blank(between(tree, nixsyntax::line_begin(tree, whole.begin - 1), whole.begin));
    edits.insert(nixsyntax::end_with_comment(tree, entry),
                 (gap ? newline : "") + newline + indentation + laid_out(tree, block, indentation));
}

bool remove_item(const Tree& tree, NodeId item, nixsyntax::EditSet& edits) {
    const Span span = tree.span(item);
    const std::uint32_t begin = nixsyntax::line_begin(tree, span.begin);
    const std::uint32_t end = nixsyntax::line_end(tree, span.end);
    const std::uint32_t behind = nixsyntax::end_with_comment(tree, item);
    if (!is_blank(between(tree, begin, span.begin)) || behind > end || !is_blank(between(tree, behind, end))) {
        remove_from_line(tree, item, edits);
        return false;
    }
    const std::string_view comment = trim(between(tree, span.end, end));
    if (!comment.empty()) {
        edits.erase({span.begin, static_cast<std::uint32_t>(comment.data() - tree.text().data())});
        return true;
    }
    const std::string_view above =
        begin == 0 ? std::string_view() : trim(between(tree, nixsyntax::line_begin(tree, begin - 1), begin));
    const std::size_t newline = tree.text().substr(end).starts_with("\r\n") ? 2 : 1;
    const std::size_t past = std::min(tree.text().size(), end + newline);
    edits.erase(without_double_gap(tree, {begin, static_cast<std::uint32_t>(past)}));
    return above.starts_with('#') || above.ends_with("*/");
}

}  // namespace lf::flake
