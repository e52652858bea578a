// SPDX-License-Identifier: MIT
// Sets and what stands in them: bindings, inherit, attribute paths.
#include <fmt/format.h>

#include "base/text.h"
#include "nixsyntax/attributes.h"
#include "nixsyntax/parser.h"
#include "nixsyntax/query.h"

namespace lf::nixsyntax {

// From its brace on; `first` is the token that the node begins with (`rec`, `let` or the brace).
bool Parser::parse_set(std::uint32_t first, Kind node_kind, unsigned flags) {
    const std::size_t mark = build_.mark();
    if (!expect(TokenKind::brace_open, "after 'rec'") || !parse_entries(TokenKind::brace_close, "to close the set"))
        return false;
    return check_entries(reduce(node_kind, first, mark, flags));
}

bool Parser::parse_entries(TokenKind close, std::string_view where) {
    while (kind() != close) {
        switch (kind()) {
            case TokenKind::kw_inherit:
                if (!parse_inherit()) return false;
                break;
            case TokenKind::identifier:
            case TokenKind::kw_or:
            case TokenKind::quote:
            case TokenKind::interpolation:
                if (!parse_binding()) return false;
                break;
            default: return error_expected(fmt::format("an attribute or {} {}", token_name(close), where));
        }
    }
    advance();
    return true;
}

bool Parser::parse_binding() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    if (!parse_attr_path() || !expect(TokenKind::assign, "after the attribute's name") || !parse_expr() ||
        !expect(TokenKind::semicolon, "after the binding"))
        return false;
    reduce(Kind::binding, first, mark);
    return true;
}

bool Parser::parse_inherit() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    advance();
    const bool source = kind() == TokenKind::paren_open;
    if (source && !parse_parens()) return false;
    while (kind() != TokenKind::semicolon)
        if (!parse_inherit_name()) return false;
    advance();
    reduce(Kind::inherit, first, mark, source ? kHasSource : 0);
    return true;
}

bool Parser::parse_inherit_name() {
    const std::uint32_t first = pos_;
    if (kind() != TokenKind::identifier && kind() != TokenKind::kw_or && kind() != TokenKind::quote &&
        kind() != TokenKind::interpolation)
        return error_expected("a name or ';' after 'inherit'");
    if (!parse_attr()) return false;
    if (attr_name(build_.tree(), build_.top())) return true;
    return error_at(first, "'inherit' takes no dynamic attributes");
}

bool Parser::parse_attr_path() {
    const std::size_t mark = build_.mark();
    const std::uint32_t first = pos_;
    if (!parse_attr()) return false;
    while (kind() == TokenKind::dot) {
        advance();
        if (!parse_attr()) return false;
    }
    reduce(Kind::attr_path, first, mark);
    return true;
}

bool Parser::parse_attr() {
    switch (kind()) {
        case TokenKind::identifier:
        case TokenKind::kw_or: return leaf(Kind::name);
        case TokenKind::quote: return parse_string();
        case TokenKind::interpolation: return parse_interpolation();
        default: return error_expected("an attribute's name");
    }
}

// Attributes defined twice, and dynamic ones in `let … in`.
bool Parser::check_entries(NodeId set) {
    const Tree& tree = build_.tree();
    if (tree.is(set, Kind::let)) {
        for (const NodeId entry : entries(tree, set)) {
            const NodeId first = tree.is(entry, Kind::binding) ? tree.child(binding_path(tree, entry), 0) : kNone;
            if (first != kNone && !tree.is(first, Kind::name) && !attr_name(tree, first))
                return error_at(tree.node(first).first_token, "'let' takes no dynamic attributes");
        }
    }
    const std::optional<Duplicate> duplicate = find_duplicate(tree, set);
    if (!duplicate) return true;
    const Error before = tree.at({}, duplicate->first);
    return error_at(tree.node(duplicate->second).first_token,
                    fmt::format("attribute '{}' is already defined", printable(duplicate->name)),
                    fmt::format("first defined at line {}, column {}", before.where.line, before.where.column),
                    "nix-duplicate");
}

}  // namespace lf::nixsyntax
