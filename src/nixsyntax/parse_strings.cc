// SPDX-License-Identifier: MIT
// Strings, indented strings and paths: text with interpolations in between.
#include "nixsyntax/parser.h"

namespace lf::nixsyntax {

bool Parser::parse_interpolation() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    advance();
    if (!parse_expr() || !expect(TokenKind::brace_close, "to close '${'")) return false;
    reduce(Kind::interpolation, first, mark);
    return true;
}

// A NUL byte cannot be in a Nix value; Nix overlooks one behind a backslash, in "…" and as ''\ alike.
bool Parser::check_text(std::uint32_t token) {
    const std::string_view text = build_.tree().text(build_.tree().token_span(token));
    if (text.find('\0') == std::string_view::npos || kind() == TokenKind::indented_escape) return true;
    const bool escapes = kind() == TokenKind::string_text;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\0') return error_at(token, "a string must not contain a NUL byte");
        if (escapes && text[i] == '\\') ++i;
    }
    return true;
}

bool Parser::parse_string() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    ++pos_;  // no trivia within strings
    while (kind() != TokenKind::quote) {
        if (kind() == TokenKind::string_text) {
            if (!check_text(pos_)) return false;
            ++pos_;
        } else if (kind() == TokenKind::interpolation) {
            if (!parse_interpolation()) return false;
        } else {
            return error_at(first, "this string is never closed");
        }
    }
    advance();
    reduce(Kind::string, first, mark);
    return true;
}

bool Parser::parse_indented() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    ++pos_;
    while (kind() != TokenKind::indented_close) {
        if (kind() == TokenKind::indented_text || kind() == TokenKind::indented_escape) {
            if (!check_text(pos_)) return false;
            ++pos_;
        } else if (kind() == TokenKind::interpolation) {
            if (!parse_interpolation()) return false;
        } else {
            return error_at(first, "this string is never closed");
        }
    }
    advance();
    reduce(Kind::indented_string, first, mark);
    return true;
}

bool Parser::parse_path() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    std::uint32_t texts = 0;  // pieces of text before the first interpolation: Nix allows one more only before it
    ++pos_;
    while (kind() != TokenKind::path_end) {
        if (kind() == TokenKind::path_text) {
            ++pos_;
            ++texts;
            if (build_.mark() > mark) continue;
            if (texts > 1 || kind() != TokenKind::interpolation) return error_at(first, "a path must not contain '//'");
        } else if (kind() == TokenKind::interpolation) {
            if (!parse_interpolation()) return false;
        } else {
            return error_expected("the rest of a path");
        }
    }
    advance();
    reduce(Kind::path, first, mark);
    return true;
}

}  // namespace lf::nixsyntax
