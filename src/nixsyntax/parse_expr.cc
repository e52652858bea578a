// SPDX-License-Identifier: MIT
// Expressions: what may stand anywhere, and the simple ones that operators and calls are made of.
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "nixsyntax/parser.h"

namespace lf::nixsyntax {
namespace {

constexpr std::uint64_t bit(TokenKind kind) { return std::uint64_t{1} << static_cast<unsigned>(kind); }
static_assert(static_cast<unsigned>(TokenKind::bracket_open) < 64, "the mask has 64 bits");

// What an argument of a call or an element of a list may begin with.
constexpr std::uint64_t kSimpleStarts =
    bit(TokenKind::kw_let) | bit(TokenKind::kw_rec) | bit(TokenKind::identifier) | bit(TokenKind::integer) |
    bit(TokenKind::floating) | bit(TokenKind::path) | bit(TokenKind::home_path) | bit(TokenKind::search_path) |
    bit(TokenKind::url) | bit(TokenKind::quote) | bit(TokenKind::indented_open) | bit(TokenKind::brace_open) |
    bit(TokenKind::paren_open) | bit(TokenKind::bracket_open);

bool begins_simple(TokenKind kind) {
    return static_cast<unsigned>(kind) < 64 && ((kSimpleStarts >> static_cast<unsigned>(kind)) & 1) != 0;
}

}  // namespace

// Lambdas, let, with, assert and if are opened in turn until an expression of operators comes, then closed backwards.
bool Parser::parse_expr() {
    const Nested nested(*this);
    if (nested.too_deep()) return false;
    const std::size_t base = open_.size();
    for (bool more = true; more;)
        if (!parse_expr_part(more)) return false;
    while (open_.size() > base) {
        const Open open = open_.back();
        open_.pop_back();
        const NodeId id = reduce(open.kind, open.first_token, open.mark);
        if (open.kind == Kind::let && !check_entries(id)) return false;
    }
    return true;
}

bool Parser::parse_expr_part(bool& more) {
    const std::uint32_t first = pos_;
    const std::size_t mark = build_.mark();
    const auto opened = [&](Kind kind, bool fine) {
        open_.push_back({kind, first, mark});
        return fine;
    };
    switch (kind()) {
        case TokenKind::kw_assert: return opened(Kind::assertion, parse_head("after the assertion"));
        case TokenKind::kw_with: return opened(Kind::with, parse_head("after the scope of 'with'"));
        case TokenKind::kw_if: return opened(Kind::conditional, parse_conditional());
        case TokenKind::kw_let:
            if (peek() == TokenKind::brace_open) break;
            advance();
            return opened(Kind::let, parse_entries(TokenKind::kw_in, "after the bindings of 'let'"));
        case TokenKind::identifier:
        case TokenKind::brace_open:
            if (!at_lambda()) break;
            return opened(Kind::lambda, parse_lambda_head());
        default: break;
    }
    more = false;
    return parse_operators();
}

// `with e;` and `assert e;`
bool Parser::parse_head(std::string_view where) {
    advance();
    return parse_expr() && expect(TokenKind::semicolon, where);
}

// `if a then b else`
bool Parser::parse_conditional() {
    advance();
    return parse_expr() && expect(TokenKind::kw_then, "after the condition") && parse_expr() &&
           expect(TokenKind::kw_else, "after the expression of 'then'");
}

bool Parser::parse_apply() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    if (!parse_select()) return false;
    if (!begins_simple(kind())) return true;
    while (begins_simple(kind()))
        if (!parse_select()) return false;
    reduce(Kind::apply, first, mark);
    return true;
}

bool Parser::parse_select() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    if (!parse_simple()) return false;
    if (kind() == TokenKind::kw_or) {  // `f or`: the word as a name, as old nixpkgs had it
        leaf(Kind::identifier);
        reduce(Kind::apply, first, mark);
        return true;
    }
    if (kind() != TokenKind::dot) return true;
    advance();
    if (!parse_attr_path()) return false;
    if (kind() == TokenKind::kw_or) {
        const Nested nested(*this);
        if (nested.too_deep()) return false;
        advance();
        if (!parse_select()) return false;
    }
    reduce(Kind::select, first, mark);
    return true;
}

bool Parser::parse_simple() {
    const std::uint32_t first = pos_;
    switch (kind()) {
        case TokenKind::identifier: return leaf(Kind::identifier);
        case TokenKind::integer: return parse_integer();
        case TokenKind::floating: return parse_floating();
        case TokenKind::search_path: return leaf(Kind::search_path);
        case TokenKind::url: return leaf(Kind::url);
        case TokenKind::quote: return parse_string();
        case TokenKind::indented_open: return parse_indented();
        case TokenKind::path:
        case TokenKind::home_path: return parse_path();
        case TokenKind::paren_open: return parse_parens();
        case TokenKind::bracket_open: return parse_list();
        case TokenKind::brace_open: return parse_set(first, Kind::set, 0);
        case TokenKind::kw_rec: advance(); return parse_set(first, Kind::set, kRecursive);
        case TokenKind::kw_let:
            if (peek() != TokenKind::brace_open) break;
            advance();
            return parse_set(first, Kind::legacy_let, 0);
        default: break;
    }
    return error_operand();
}

bool Parser::parse_parens() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    advance();
    if (!parse_expr() || !expect(TokenKind::paren_close, "to close the parenthesis")) return false;
    reduce(Kind::parens, first, mark);
    return true;
}

bool Parser::parse_list() {
    const Nested nested(*this);
    if (nested.too_deep()) return false;
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    advance();
    while (kind() != TokenKind::bracket_close) {
        if (!begins_simple(kind())) return error_expected("an element or ']' in the list");
        if (!parse_select()) return false;
    }
    advance();
    reduce(Kind::list, first, mark);
    return true;
}

bool Parser::parse_integer() {
    std::string_view digits = build_.tree().text(build_.tree().token_span(pos_));
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    constexpr std::string_view kLargest = "9223372036854775807";
    if (digits.size() > kLargest.size() || (digits.size() == kLargest.size() && digits > kLargest))
        return error_at(pos_, "this number does not fit into 64 bits");
    return leaf(Kind::integer);
}

bool Parser::parse_floating() {
    const std::string_view text = build_.tree().text(build_.tree().token_span(pos_));
    // Only a long one or one with an exponent can be out of range; Nix refuses what strtod does.
    if (text.size() > 300 || text.find_first_of("eE") != std::string_view::npos) {
        errno = 0;
        std::strtod(std::string(text).c_str(), nullptr);
        if (errno != 0) return error_at(pos_, "this number is out of the range of floating-point numbers");
    }
    return leaf(Kind::floating);
}

}  // namespace lf::nixsyntax
