// SPDX-License-Identifier: MIT
// Operators: one table, two stacks. Strengths and associativity are those of Nix's grammar.
#include <fmt/format.h>

#include <array>

#include "nixsyntax/parser.h"

namespace lf::nixsyntax {
namespace {

enum class Side : std::uint8_t { left, right, none };
struct Row {
    TokenKind kind;
    std::uint8_t strength;
    Side side;
};

constexpr std::uint8_t kNotStrength = 8;
constexpr std::uint8_t kHasAttrStrength = 12;
constexpr std::uint8_t kNegateStrength = 13;

constexpr std::array kBinary = {
    Row{TokenKind::pipe_from, 1, Side::right}, Row{TokenKind::pipe_into, 1, Side::left},
    Row{TokenKind::implies, 2, Side::right}, Row{TokenKind::logical_or, 3, Side::left},
    Row{TokenKind::logical_and, 4, Side::left}, Row{TokenKind::equal, 5, Side::none},
    Row{TokenKind::not_equal, 5, Side::none}, Row{TokenKind::less, 6, Side::none},
    Row{TokenKind::less_equal, 6, Side::none}, Row{TokenKind::greater, 6, Side::none},
    Row{TokenKind::greater_equal, 6, Side::none}, Row{TokenKind::update, 7, Side::right},
    // 8: the prefix `!`
    Row{TokenKind::plus, 9, Side::left}, Row{TokenKind::minus, 9, Side::left}, Row{TokenKind::times, 10, Side::left},
    Row{TokenKind::divide, 10, Side::left}, Row{TokenKind::concat, 11, Side::right},
    // 12: `?`, 13: the prefix `-`
};

constexpr std::size_t kTokenKinds = static_cast<std::size_t>(TokenKind::end_of_file) + 1;
constexpr std::array<Row, kTokenKinds> make_rows() {
    std::array<Row, kTokenKinds> rows{};
    for (auto& row : rows) row = {TokenKind::end_of_file, 0, Side::none};
    for (const Row& row : kBinary) rows[static_cast<std::size_t>(row.kind)] = row;
    return rows;
}
constexpr std::array<Row, kTokenKinds> kRows = make_rows();

}  // namespace

bool Parser::parse_operators() {
    const std::size_t base = operators_.size();
    for (bool more = true; more;) {
        take_prefixes();
        if (!parse_apply() || !take_binary(base, more)) return false;
    }
    while (operators_.size() > base) reduce_operator();
    return true;
}

void Parser::take_prefixes() {
    for (; kind() == TokenKind::logical_not || kind() == TokenKind::minus; advance())
        operators_.push_back({kind(), kind() == TokenKind::minus ? kNegateStrength : kNotStrength, true, pos_});
}

// Any `? path` behind the operand, then a binary operator; `more` tells whether there was one.
bool Parser::take_binary(std::size_t base, bool& more) {
    while (kind() == TokenKind::question) {
        if (!reduce_stronger(base, kHasAttrStrength, kind()) || !parse_has_attr()) return false;
    }
    const Row& row = kRows[static_cast<std::size_t>(kind())];
    more = row.strength != 0;
    if (!more) return true;
    if (!reduce_stronger(base, row.strength, row.kind)) return false;
    operators_.push_back({row.kind, row.strength, false, pos_});
    advance();
    return true;
}

bool Parser::parse_has_attr() {
    const std::size_t mark = build_.mark() - 1;
    const std::uint32_t first = build_.tree().node(build_.top()).first_token;
    advance();
    if (!parse_attr_path()) return false;
    reduce(Kind::has_attr, first, mark);
    return true;
}

// Closes the operators that bind their right operand more strongly than the one that comes now.
bool Parser::reduce_stronger(std::size_t base, std::uint8_t strength, TokenKind incoming) {
    while (operators_.size() > base && operators_.back().strength >= strength) {
        const Operator& waiting = operators_.back();
        if (waiting.strength == strength && !waiting.prefix) {
            const Side side = kRows[static_cast<std::size_t>(incoming)].side;
            const bool pipes = strength == kBinary[0].strength;
            if (side == Side::none || (pipes && waiting.kind != incoming))
                return error_at(
                    pos_,
                    fmt::format("{} and {} cannot stand in one chain", token_name(waiting.kind), token_name(incoming)),
                    "put one of them in parentheses");
            if (side == Side::right) return true;
        }
        reduce_operator();
    }
    return true;
}

void Parser::reduce_operator() {
    const Operator op = operators_.back();
    operators_.pop_back();
    const std::size_t mark = build_.mark() - (op.prefix ? 1 : 2);
    const std::uint32_t first = op.prefix ? op.token : build_.tree().node(build_.at(mark)).first_token;
    build_.reduce(op.prefix ? Kind::unary : Kind::binary, first, end_, mark, 0, op.kind);
}

// No simple expression begins here.
bool Parser::error_operand() {
    const TokenKind now = kind();
    const bool needs_parens = now == TokenKind::kw_if || now == TokenKind::kw_let || now == TokenKind::kw_with ||
                              now == TokenKind::kw_assert || now == TokenKind::logical_not || now == TokenKind::minus;
    if (!needs_parens) return error_expected("an expression");
    return error_at(pos_, fmt::format("expected an operand, got {}", got(pos_)),
                    fmt::format("put parentheses around the expression that {} begins", token_name(now)));
}

}  // namespace lf::nixsyntax
