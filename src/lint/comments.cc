// SPDX-License-Identifier: MIT
#include "lint/comments.h"

#include <algorithm>

#include "base/text.h"
#include "nixsyntax/lexer.h"
#include "nixsyntax/style.h"

namespace lf::lint {
namespace {

using flake::Tree;
using nixsyntax::Span;
using nixsyntax::Token;
using nixsyntax::TokenKind;

bool is_comment(const Token& token) {
    return token.kind == TokenKind::line_comment || token.kind == TokenKind::block_comment;
}

/// A comment that moves gets other blanks, and nothing else.
std::string words_of(std::string_view comment) {
    std::string out;
    for (const std::string_view line : lines(comment)) {
        out += trim(line);
        out += '\n';
    }
    return out;
}

std::vector<std::string> all_words(std::string_view text) {
    std::vector<std::string> out;
    const auto tokens = nixsyntax::lex(text);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        if (is_comment(tokens[i]))
            out.push_back(words_of(text.substr(tokens[i].begin, tokens[i + 1].begin - tokens[i].begin)));
    std::ranges::sort(out);
    return out;
}

}  // namespace

bool keeps_comments(std::string_view before, std::string_view after) {
    return std::ranges::includes(all_words(after), all_words(before));
}

std::vector<Span> comments_in(const Tree& tree, Span span) {
    std::vector<Span> out;
    const auto tokens = tree.tokens();
    for (auto it = std::ranges::lower_bound(tokens, span.begin, {}, &Token::begin);
         it != tokens.end() && it->begin < span.end; ++it)
        if (is_comment(*it)) out.push_back({it->begin, (it + 1)->begin});
    return out;
}

bool has_comments(const Tree& tree, Span span) { return !comments_in(tree, span).empty(); }

bool loses_comment(const Tree& tree, const Fix& fix) {
    const auto edits = fix.edits.sorted(tree.text().size());
    if (!edits) return false;  // it is not done at all
    std::vector<std::string> taken;
    std::vector<std::string> written;
    for (const nixsyntax::Edit& edit : *edits) {
        for (const Span comment : comments_in(tree, edit.span)) taken.push_back(words_of(tree.text(comment)));
        for (std::string& one : all_words(edit.text)) written.push_back(std::move(one));
    }
    std::ranges::sort(taken);
    std::ranges::sort(written);
    return !std::ranges::includes(written, taken);
}

Carried carried(const Tree& tree, Span span, std::string_view indentation) {
    Carried out;
    const std::string newline = nixsyntax::file_style(tree).newline + std::string(indentation);
    std::uint32_t from = span.begin;
    for (const Span comment : comments_in(tree, span)) {
        const bool own_line = tree.text(Span{from, comment.begin}).find('\n') != std::string_view::npos;
        const std::string_view text = trim(tree.text(comment));
        out.ends_line = own_line || text.starts_with('#') || text.find('\n') != std::string_view::npos;
        out.text += own_line ? newline : " ";
        out.text += text;
        from = comment.end;
    }
    return out;
}

}  // namespace lf::lint
