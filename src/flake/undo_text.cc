// SPDX-License-Identifier: MIT
#include "flake/undo_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "flake/squeezed.h"
#include "nixsyntax/lexer.h"
#include "nixsyntax/query.h"

namespace lf::flake {
namespace {

using nixsyntax::Edit;
using nixsyntax::Kind;
using nixsyntax::NodeId;
using nixsyntax::Span;
using nixsyntax::Token;
using nixsyntax::TokenKind;
using nixsyntax::Tree;

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view leading_blanks(std::string_view text) {
    return text.substr(0, std::min(text.size(), text.find_first_not_of(kBlanks)));
}

std::string_view trailing_blanks(std::string_view text) {
    const std::size_t last = text.find_last_not_of(kBlanks);
    return text.substr(last == std::string_view::npos ? 0 : last + 1);
}

std::size_t newlines(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// The blanks behind the last line end.
std::string_view indentation(std::string_view blanks) { return blanks.substr(blanks.rfind('\n') + 1); }

struct Gaps {
    std::string_view left;
    std::string_view right;
};

/// The gap that was there before us, where nothing but white space was.
std::string gap_before(const RecordedEdit& edit) {
    return fmt::format("{}{}{}", trailing_blanks(edit.above), edit.removed, leading_blanks(edit.below));
}

/// Has fit broken a line there that was one, and is it still broken?
bool broke_a_line(const RecordedEdit& edit, const Gaps& gaps) {
    const std::string_view lead = leading_blanks(edit.inserted);
    const std::size_t left = newlines(trailing_blanks(edit.above)) + newlines(lead);
    const std::size_t right = newlines(trailing_blanks(edit.inserted)) + newlines(leading_blanks(edit.below));
    return newlines(gap_before(edit)) == 0 && left > 0 && right > 0 && newlines(gaps.left) > 0 &&
           newlines(gaps.right) > 0;
}

/// Ours alone goes: which of the two gaps is to stay?
Edit taken_out(const RecordedEdit& edit, const Place& place, const Gaps& gaps) {
    const auto left = static_cast<std::uint32_t>(gaps.left.size());
    const auto right = static_cast<std::uint32_t>(gaps.right.size());
    const std::string_view above = trailing_blanks(edit.above);
    const std::string_view below = leading_blanks(edit.below);
    const std::size_t lines_left = newlines(gaps.left);
    const std::size_t lines_right = newlines(gaps.right);
    const bool one_line = lines_left + lines_right == 0 && newlines(gap_before(edit)) == 0;
    if (one_line || broke_a_line(edit, gaps)) return {{place.offset - left, place.end + right}, gap_before(edit)};
    Span span{place.offset - left, place.end};  // the right one stays
    if (lines_right == 0 && lines_left > 0) {
        span = {place.offset, place.end + right};
    } else if (lines_left > lines_right && newlines(above) + newlines(below) > lines_right) {
        // An empty line was there before us; the indentation is that of what follows.
        span = {place.offset - static_cast<std::uint32_t>(indentation(gaps.left).size()),
                place.end + right - static_cast<std::uint32_t>(indentation(gaps.right).size())};
    }
    return {span, {}};
}

/// The blanks at the beginning of the line.
std::string_view indentation_at(std::string_view text, std::size_t offset) {
    const std::string_view line = text.substr(offset == 0 ? 0 : text.rfind('\n', offset - 1) + 1);
    return line.substr(0, std::min(line.size(), line.find_first_not_of(" \t")));
}

/// What comes back, indented as the line is that it comes to.
std::string indented(const RecordedEdit& edit, std::string_view indentation) {
    std::string core = to_paste(edit, edit.removed);
    if (core == trim(edit.removed)) return core;
    const std::size_t first = core.find('\n');
    return core.substr(0, first + 1) + indent(core.substr(first + 1), indentation);
}

/// Theirs alone comes back, at one end of a gap.
Edit put_between(const RecordedEdit& edit, const Place& place, const Gaps& gaps) {
    const std::string gap = std::string(gaps.left) + std::string(gaps.right);
    const std::string line = "\n" + std::string(indentation(gap));
    const std::string core = indented(edit, indentation(gap));
    const auto wide = [&](std::string_view blanks) {
        return newlines(blanks) > 0 && newlines(gap) > 0 ? line : std::string(blanks);
    };
    if (trailing_blanks(edit.above).empty()) {
        const auto begin = place.offset - static_cast<std::uint32_t>(gaps.left.size());
        return {{begin, begin}, wide(leading_blanks(edit.removed)) + core};
    }
    const auto end = place.end + static_cast<std::uint32_t>(gaps.right.size());
    return {{end, end}, core + wide(trailing_blanks(edit.removed))};
}

/// What makes one expression or formal of what stands on its two sides.
bool is_joint(TokenKind kind) {
    return (kind >= TokenKind::assign && kind <= TokenKind::pipe_from) || kind == TokenKind::question ||
           kind == TokenKind::at || kind == TokenKind::colon || kind == TokenKind::dot || kind == TokenKind::kw_or;
}

bool touches(Span a, Span b) { return a.begin <= b.end && b.begin <= a.end; }

bool is_use(const Tree& tree, NodeId id) {
    if (tree.is(id, Kind::identifier)) return true;
    const NodeId parent = tree.parent(id);
    return tree.is(id, Kind::name) && tree.is(parent, Kind::inherit) && !tree.has(parent, nixsyntax::kHasSource);
}

/// Where a byte that stays stands after the edits.
std::uint32_t moved(std::uint32_t offset, std::span<const Edit> edits) {
    std::int64_t shift = 0;
    for (const Edit& edit : edits)
        if (edit.span.end <= offset) shift += static_cast<std::int64_t>(edit.text.size()) - edit.span.size();
    return static_cast<std::uint32_t>(offset + shift);
}

/// Is the name defined after the edits, and by a text that they have put back, if not where it was?
bool is_defined_again(const Tree& after, std::span<const Edit> edits, NodeId use) {
    const nixsyntax::Definition found = nixsyntax::resolve(after, use);
    if (found.definer == nixsyntax::kNone) return false;
    const Span definer = after.span(found.definer);
    return std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
        const std::uint32_t end = moved(edit.span.end, edits);
        return !edit.text.empty() && touches(definer, {end - static_cast<std::uint32_t>(edit.text.size()), end});
    });
}

}  // namespace

Edit formatted_edit(std::string_view text, const RecordedEdit& edit, const Place& place, std::uint32_t from,
                    std::uint32_t to) {
    const Gaps gaps{trailing_blanks(text.substr(from, place.offset - from)),
                    leading_blanks(text.substr(place.end, to - place.end))};
    const std::string_view theirs = trim(edit.removed);
    if (theirs.empty()) return taken_out(edit, place, gaps);
    if (trim(edit.inserted).empty()) return put_between(edit, place, gaps);
    return {{place.offset, place.end}, indented(edit, indentation_at(text, place.offset))};
}

std::optional<Edit> blank_edit(std::string_view text, const RecordedEdit& edit, const Place& place) {
    const Gaps gaps{trailing_blanks(text.substr(0, place.offset)), leading_blanks(text.substr(place.offset))};
    const std::string was = gap_before(edit);
    const std::string fitted =
        fmt::format("{}{}{}", trailing_blanks(edit.above), edit.inserted, leading_blanks(edit.below));
    const bool broken = newlines(gaps.left) + newlines(gaps.right) > 0;
    if (!place.formatted || newlines(was) > 0 || newlines(fitted) == 0 || !broken) return std::nullopt;
    return Edit{{place.offset - static_cast<std::uint32_t>(gaps.left.size()),
                 place.offset + static_cast<std::uint32_t>(gaps.right.size())},
                was};
}

bool has_grown(const Tree& tree, const RecordedEdit& edit, const Place& place) {
    const auto tokens = tree.tokens();
    const auto behind = std::find_if(tokens.begin(), tokens.end(), [&](const Token& token) {
        return token.begin >= place.end && !nixsyntax::is_trivia(token.kind);
    });
    const std::size_t next = edit.below.find_first_not_of(kBlanks);
    if (behind != tokens.end() && is_joint(behind->kind) &&
        (next == std::string::npos || edit.below[next] != tree.text()[behind->begin]))
        return true;
    const auto before = std::find_if(std::make_reverse_iterator(behind), tokens.rend(), [&](const auto& token) {
        return token.begin < place.offset && !nixsyntax::is_trivia(token.kind);
    });
    const std::size_t last = edit.above.find_last_not_of(kBlanks);
    return before != tokens.rend() && is_joint(before->kind) &&
           (last == std::string::npos || edit.above[last] != tree.text()[before.base()->begin - 1]);
}

bool same_strings(const Tree& tree, const RecordedEdit& edit, const Place& place) {
    const auto tokens = tree.tokens();
    for (std::uint32_t i = 0; i + 1 < tokens.size(); ++i) {
        const Span span = tree.token_span(i);
        if (tokens[i].kind != TokenKind::string_text || span.end <= place.offset || span.begin >= place.end) continue;
        const std::uint32_t begin = std::max(span.begin, place.offset);
        const std::string_view ours = tree.text().substr(begin, std::min(span.end, place.end) - begin);
        if (edit.inserted.find(ours) == std::string::npos) return false;
    }
    return true;
}

bool keeps_tokens(const Tree& before, std::span<const Edit> edits, std::string_view after) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> there;
    const std::vector<Token> tokens = nixsyntax::lex(after);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        if (tokens[i].kind != TokenKind::blank) there.emplace(tokens[i].begin, tokens[i + 1].begin);
    for (std::uint32_t i = 0; i + 1 < before.tokens().size(); ++i) {
        const Span span = before.token_span(i);
        const bool cut = std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
            // What comes back may go on with a word that stands there.
            return edit.text.empty() ? edit.span.begin < span.end && span.begin < edit.span.end
                                     : touches(edit.span, span);
        });
        if (cut || before.tokens()[i].kind == TokenKind::blank) continue;
        const std::uint32_t begin = moved(span.begin, edits);
        if (!there.contains({begin, begin + span.size()})) return false;
    }
    return true;
}

std::vector<NodeId> left_without_definition(const Tree& before, std::span<const Edit> edits, const Tree& after) {
    const auto goes = [&](Span span) {
        return std::any_of(edits.begin(), edits.end(),
                           [&](const Edit& edit) { return !edit.span.empty() && edit.span.contains(span); });
    };
    std::vector<NodeId> out;
    for (NodeId id = 0; id < before.size(); ++id) {
        if (!is_use(before, id) || goes(before.span(id))) continue;
        const nixsyntax::Definition found = nixsyntax::resolve(before, id);
        if (found.definer == nixsyntax::kNone || !goes(before.span(found.definer))) continue;
        const NodeId same = nixsyntax::node_at(after, moved(before.span(id).begin, edits));
        if (!is_defined_again(after, edits, same)) out.push_back(id);
    }
    return out;
}

std::string to_paste(const RecordedEdit& edit, std::string_view text) {
    const std::string_view core = trim(text);
    const std::string before = edit.above + std::string(leading_blanks(text));
    const std::string_view line = std::string_view(before).substr(before.rfind('\n') + 1);
    std::size_t most = std::min(line.size(), line.find_first_not_of(" \t"));
    const std::vector<std::string_view> all = lines(core);
    for (const std::string_view one : all) {
        // The indentation of a string's lines is a part of it.
        if (std::count(one.begin(), one.end(), '"') % 2 != 0) return std::string(core);
        if (one.data() != core.data() && !trim(one).empty()) most = std::min(most, one.find_first_not_of(" \t"));
    }
    std::string out;
    for (const std::string_view one : all) {
        if (!out.empty()) out += '\n';
        out += one.data() == core.data() ? one : one.substr(std::min(most, one.size()));
    }
    return out;
}

std::uint32_t line_of(std::string_view text, std::size_t offset) { return at_offset({}, {}, text, offset).where.line; }

std::uint32_t likely_line(const RecordedEdit& edit, const std::string& now) {
    const std::string_view ours = trim(edit.inserted);
    const std::string first(lines(ours.empty() ? trim(edit.removed) : ours).front());
    const std::size_t at = now.find(first);
    if (at != std::string::npos && now.find(first, at + 1) == std::string::npos) return line_of(now, at);
    const std::string_view lead = std::string_view(edit.inserted).substr(0, edit.inserted.find_first_not_of(" \t\r\n"));
    const auto below = static_cast<std::uint32_t>(std::count(lead.begin(), lead.end(), '\n'));
    return std::min(edit.line + (ours.empty() ? 0 : below), line_of(now, now.size()));
}

}  // namespace lf::flake
