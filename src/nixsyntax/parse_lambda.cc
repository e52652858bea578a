// SPDX-License-Identifier: MIT
// Functions: `x:`, `{ a, b ? c, ... }:`, with `@` on either side.
#include <fmt/format.h>

#include <algorithm>

#include "nixsyntax/parser.h"

namespace lf::nixsyntax {

// Does a function begin at this identifier or brace? Nix's grammar needs up to four tokens to tell.
bool Parser::at_lambda() const {
    if (kind() == TokenKind::identifier) return peek() == TokenKind::colon || peek() == TokenKind::at;
    const std::uint32_t second = next_after(pos_);
    const std::uint32_t third = next_after(second);
    const TokenKind then = tokens_[third].kind;
    switch (tokens_[second].kind) {
        case TokenKind::ellipsis: return true;
        case TokenKind::brace_close: return then == TokenKind::colon || then == TokenKind::at;
        case TokenKind::identifier:
            return then == TokenKind::comma || then == TokenKind::question || then == TokenKind::brace_close;
        default: return false;
    }
}

// Up to the colon; leaves the parameters on the stack, the body follows.
bool Parser::parse_lambda_head() {
    const std::size_t mark = build_.mark();
    const bool name_first = kind() == TokenKind::identifier;
    if (name_first) {
        leaf(Kind::name);
        if (kind() == TokenKind::at) {
            advance();
            if (kind() != TokenKind::brace_open) return error_expected("'{' after '@'");
            if (!parse_formals()) return false;
        }
    } else {
        if (!parse_formals()) return false;
        if (kind() == TokenKind::at) {
            advance();
            if (kind() != TokenKind::identifier) return error_expected("a name after '@'");
            leaf(Kind::name);
        }
    }
    return expect(TokenKind::colon, "after the parameters of the function") && check_formals(mark);
}

bool Parser::parse_formals() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    unsigned flags = 0;
    advance();
    while (kind() != TokenKind::brace_close) {
        if (kind() == TokenKind::ellipsis) {
            advance();
            flags = kEllipsis;
            if (kind() != TokenKind::brace_close) return error_expected("'}' after '...'");
            break;
        }
        if (!parse_formal()) return false;
        if (kind() == TokenKind::comma) advance();
        else if (kind() != TokenKind::brace_close) return error_expected("',' or '}' after the argument");
    }
    advance();
    reduce(Kind::formals, first, mark, flags);
    return true;
}

bool Parser::parse_formal() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    if (kind() != TokenKind::identifier) return error_expected("the name of an argument, '...' or '}'");
    leaf(Kind::name);
    if (kind() == TokenKind::question) {
        advance();
        if (!parse_expr()) return false;
    }
    reduce(Kind::formal, first, mark);
    return true;
}

// Two parameters of one name. `mark`: where the head's nodes begin on the stack.
bool Parser::check_formals(std::size_t mark) {
    const Tree& tree = build_.tree();
    std::vector<std::pair<std::string_view, NodeId>> names;
    for (std::size_t i = mark; i < build_.mark(); ++i) {
        const NodeId id = build_.at(i);
        if (tree.is(id, Kind::name)) names.emplace_back(tree.text(id), id);
        if (!tree.is(id, Kind::formals)) continue;
        for (const NodeId formal : tree.children(id))
            names.emplace_back(tree.text(tree.child(formal, 0)), tree.child(formal, 0));
    }
    if (names.size() < 2) return true;
    std::sort(names.begin(), names.end());
    const auto twice =
        std::adjacent_find(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
    if (twice == names.end()) return true;
    const Error before = tree.at({}, twice->second);
    return error_at(
        tree.node((twice + 1)->second).first_token, fmt::format("the function has two arguments '{}'", twice->first),
        fmt::format("the first is at line {}, column {}", before.where.line, before.where.column), "nix-duplicate");
}

}  // namespace lf::nixsyntax
