// SPDX-License-Identifier: MIT
/// \file
/// \brief Byte spans and the tokens of the Nix language, one table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lf::nixsyntax {

/// Bytes [begin, end) of a text.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t size() const { return end - begin; }
    bool empty() const { return begin == end; }
    bool contains(Span other) const { return begin <= other.begin && other.end <= end; }
    bool operator==(const Span&) const = default;
};

/// Kind, how messages call it. Trivia stand first, then what the lexer could not accept (the parser turns these into
/// errors), then keywords in the order of the lexer's table, then the rest.
#define LF_NIX_TOKENS(X)                             \
    X(blank, "blanks")                               \
    X(line_comment, "a comment")                     \
    X(block_comment, "a comment")                    \
    X(unread, "what follows a NUL byte")             \
    X(bad_byte, "a byte that Nix does not know")     \
    X(bad_comment, "a comment that is never closed") \
    X(bad_path, "a path that ends in '/'")           \
    X(kw_if, "'if'")                                 \
    X(kw_then, "'then'")                             \
    X(kw_else, "'else'")                             \
    X(kw_assert, "'assert'")                         \
    X(kw_with, "'with'")                             \
    X(kw_let, "'let'")                               \
    X(kw_in, "'in'")                                 \
    X(kw_rec, "'rec'")                               \
    X(kw_inherit, "'inherit'")                       \
    X(kw_or, "'or'")                                 \
    X(identifier, "an identifier")                   \
    X(integer, "a number")                           \
    X(floating, "a number")                          \
    X(path, "a path")                                \
    X(home_path, "a path")                           \
    X(path_text, "the rest of a path")               \
    X(path_end, "the end of a path")                 \
    X(search_path, "a search path")                  \
    X(url, "a URL")                                  \
    X(quote, "'\"'")                                 \
    X(string_text, "text of a string")               \
    X(indented_open, "\"''\"")                       \
    X(indented_close, "\"''\"")                      \
    X(indented_text, "text of a string")             \
    X(indented_escape, "text of a string")           \
    X(interpolation, "'${'")                         \
    X(brace_open, "'{'")                             \
    X(brace_close, "'}'")                            \
    X(paren_open, "'('")                             \
    X(paren_close, "')'")                            \
    X(bracket_open, "'['")                           \
    X(bracket_close, "']'")                          \
    X(semicolon, "';'")                              \
    X(colon, "':'")                                  \
    X(comma, "','")                                  \
    X(at, "'@'")                                     \
    X(dot, "'.'")                                    \
    X(ellipsis, "'...'")                             \
    X(question, "'?'")                               \
    X(assign, "'='")                                 \
    X(equal, "'=='")                                 \
    X(not_equal, "'!='")                             \
    X(less, "'<'")                                   \
    X(less_equal, "'<='")                            \
    X(greater, "'>'")                                \
    X(greater_equal, "'>='")                         \
    X(logical_and, "'&&'")                           \
    X(logical_or, "'||'")                            \
    X(implies, "'->'")                               \
    X(update, "'//'")                                \
    X(concat, "'++'")                                \
    X(plus, "'+'")                                   \
    X(minus, "'-'")                                  \
    X(times, "'*'")                                  \
    X(divide, "'/'")                                 \
    X(logical_not, "'!'")                            \
    X(pipe_into, "'|>'")                             \
    X(pipe_from, "'<|'")                             \
    X(end_of_file, "the end of the file")

enum class TokenKind : std::uint8_t {
#define LF_NIX_TOKEN(name, text) name,
    LF_NIX_TOKENS(LF_NIX_TOKEN)
#undef LF_NIX_TOKEN
};

/// How a message names a token of this kind: "'}'", "an identifier".
std::string_view token_name(TokenKind kind);

/// Blanks, comments, and what follows a NUL byte in code: there Nix stops to read.
constexpr bool is_trivia(TokenKind kind) { return kind <= TokenKind::unread; }

/// A token ends where the next one begins; the last token is end_of_file with begin = size of the text.
struct Token {
    std::uint32_t begin = 0;
    TokenKind kind = TokenKind::end_of_file;
};

}  // namespace lf::nixsyntax
