// SPDX-License-Identifier: MIT
/// \file
/// \brief What bytes and words mean to the lexer; nobody but lexer.cc includes this.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "nixsyntax/token.h"

namespace lf::nixsyntax {

enum Class : std::uint8_t {
    kBlank = 1,        // blank, tab, CR, LF
    kNameStart = 2,    // may begin an identifier
    kNamePart = 4,     // may stand in an identifier
    kPathPart = 8,     // may stand in a path between slashes
    kDigit = 16,       //
    kUrlPart = 32,     // may stand in a URL behind its scheme
    kStringStop = 64,  // must be looked at in "…"
};

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    const auto add = [&](std::string_view bytes, int flags) {
        for (const char c : bytes) {
            auto& entry = classes[static_cast<unsigned char>(c)];
            entry = static_cast<std::uint8_t>(entry | flags);
        }
    };
    add("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kNameStart | kNamePart | kPathPart | kUrlPart);
    add("0123456789", kNamePart | kPathPart | kDigit | kUrlPart);
    add("_", kNameStart | kNamePart | kPathPart | kUrlPart);
    add("-", kNamePart | kPathPart | kUrlPart);
    add("'", kNamePart | kUrlPart);
    add(".+", kPathPart | kUrlPart);
    add("%/?:@&=$,!~*", kUrlPart);
    add(" \t\r\n", kBlank);
    add("\"\\$", kStringStop);
    return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

struct Word {
    std::string_view text;
    TokenKind kind;
};
constexpr std::array kKeywords = {
    Word{"if", TokenKind::kw_if},         Word{"then", TokenKind::kw_then}, Word{"else", TokenKind::kw_else},
    Word{"assert", TokenKind::kw_assert}, Word{"with", TokenKind::kw_with}, Word{"let", TokenKind::kw_let},
    Word{"in", TokenKind::kw_in},         Word{"rec", TokenKind::kw_rec},   Word{"inherit", TokenKind::kw_inherit},
    Word{"or", TokenKind::kw_or},
};

inline TokenKind word_kind(std::string_view name) {
    constexpr std::size_t kLongest = 7;
    if (name.size() < 2 || name.size() > kLongest) return TokenKind::identifier;
    for (const Word& keyword : kKeywords)
        if (keyword.text[0] == name[0] && keyword.text == name) return keyword.kind;
    return TokenKind::identifier;
}

// Operators of more than one byte; longer ones stand first.
constexpr std::array kOperators = {
    Word{"...", TokenKind::ellipsis},  Word{"==", TokenKind::equal},         Word{"!=", TokenKind::not_equal},
    Word{"<=", TokenKind::less_equal}, Word{">=", TokenKind::greater_equal}, Word{"&&", TokenKind::logical_and},
    Word{"||", TokenKind::logical_or}, Word{"->", TokenKind::implies},       Word{"//", TokenKind::update},
    Word{"++", TokenKind::concat},     Word{"|>", TokenKind::pipe_into},     Word{"<|", TokenKind::pipe_from},
};

// What a byte of code is for the lexer, so that one look decides. `single`: the token that it is alone.
enum class Lead : std::uint8_t { single, maybe_longer, blank, word, digit, brace_open, brace_close, other };
struct Start {
    Lead lead = Lead::other;
    TokenKind single = TokenKind::bad_byte;
};
constexpr std::array<Start, 256> make_starts() {
    std::array<Start, 256> starts{};
    for (std::size_t byte = 0; byte < starts.size(); ++byte) {
        if ((kClasses[byte] & kBlank) != 0) starts[byte].lead = Lead::blank;
        if ((kClasses[byte] & kNameStart) != 0) starts[byte].lead = Lead::word;
        if ((kClasses[byte] & kDigit) != 0) starts[byte].lead = Lead::digit;
    }
    const auto add = [&](char byte, Lead lead, TokenKind single) {
        starts[static_cast<unsigned char>(byte)] = {lead, single};
    };
    for (const Word& op : kOperators) add(op.text[0], Lead::maybe_longer, TokenKind::bad_byte);
    add('=', Lead::maybe_longer, TokenKind::assign);
    add('>', Lead::maybe_longer, TokenKind::greater);
    add('!', Lead::maybe_longer, TokenKind::logical_not);
    add(';', Lead::single, TokenKind::semicolon);
    add(':', Lead::single, TokenKind::colon);
    add(',', Lead::single, TokenKind::comma);
    add('@', Lead::single, TokenKind::at);
    add('?', Lead::single, TokenKind::question);
    add('*', Lead::single, TokenKind::times);
    add('(', Lead::single, TokenKind::paren_open);
    add(')', Lead::single, TokenKind::paren_close);
    add('[', Lead::single, TokenKind::bracket_open);
    add(']', Lead::single, TokenKind::bracket_close);
    add('{', Lead::brace_open, TokenKind::brace_open);
    add('}', Lead::brace_close, TokenKind::brace_close);
    // These may also begin a path, a comment, a number or a search path.
    add('.', Lead::other, TokenKind::dot);
    add('<', Lead::other, TokenKind::less);
    add('+', Lead::other, TokenKind::plus);
    add('-', Lead::other, TokenKind::minus);
    add('/', Lead::other, TokenKind::divide);
    return starts;
}
constexpr std::array<Start, 256> kStarts = make_starts();

}  // namespace lf::nixsyntax
