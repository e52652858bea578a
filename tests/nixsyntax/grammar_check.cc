// SPDX-License-Identifier: MIT
// What must hold of every generated text.
#include <algorithm>

#include "grammar.h"
#include "grammar_operators.h"
#include "nixsyntax/dump.h"
#include "nixsyntax/edit.h"
#include "nixsyntax/query.h"
#include "nixsyntax/variables.h"

namespace lf::nixsyntax {
namespace {

std::vector<TokenKind> kinds_of(const Tree& tree) {
    std::vector<TokenKind> out;
    for (const Token& token : tree.tokens())
        if (!is_trivia(token.kind)) out.push_back(token.kind);
    return out;
}

// An expression that may be any other: not a part of a name, which might have to be constant, nor the parentheses of
// `inherit (e)`.
bool is_expression(const Tree& tree, NodeId id) {
    if (tree.kind(id) > Kind::binary) return false;
    for (NodeId child = id, parent = tree.parent(id); parent != kNone; child = parent, parent = tree.parent(parent)) {
        if (tree.is(parent, Kind::attr_path)) return false;
        if (tree.is(parent, Kind::inherit) && (child == id || inherit_source(tree, parent) != child)) return false;
    }
    return true;
}

// A parenthesis in place of any expressions that do not overlap, a comment behind others; then all of it taken out.
std::string check_edits(const Tree& tree, Choices& choices) {
    EditSet edits;
    std::uint32_t from = 0;
    bool parens = false;
    for (NodeId id = 0; id < tree.size() && edits.size() < 12; id += 1 + choices.below(6)) {
        const Span span = tree.span(id);
        if (span.begin < from || !is_expression(tree, id)) continue;
        from = span.end;
        parens = true;
        edits.replace(span, "(x)");
    }
    const Result<std::string> edited = edits.apply(tree.text());
    const Result<EditSet> inverse = edits.inverse(tree.text());
    if (!edited || !inverse) return "edits cannot be applied";
    if (inverse->apply(*edited).value_or("") != tree.text()) return "the inverse does not give the text back";
    const Done proven = prove(tree.text(), edits, *edited, "g.nix");
    if (proven) return {};
    // A set that was merged with another is now an attribute that is defined twice.
    const bool twice = !proven.error().causes.empty() && proven.error().causes[0].id == "nix-duplicate";
    if (parens && twice) return {};
    return "a parenthesis in place of an expression does not parse:\n" + *edited;
}

}  // namespace

std::string check_generated(std::span<const std::uint8_t> bytes) {
    const std::size_t half = bytes.size() / 2;
    std::vector<std::uint8_t> reversed(bytes.rbegin(), bytes.rend());
    Choices grammar(bytes.first(bytes.size() - half / 2));
    Choices first_trivia(bytes.subspan(half));
    Choices other_trivia(reversed);
    const std::vector<Lexeme> lexemes = generate(grammar);
    const std::string text = render(lexemes, first_trivia);
    const std::string other = render(lexemes, other_trivia);
    const auto fail_with = [&](std::string_view what) {
        return std::string(what) + "\n" + text + "\n-- or --\n" + other;
    };

    const std::string bound = render(parenthesised(lexemes), first_trivia);
    const Result<Tree> tree = check_round_trip(text, "g.nix");
    const Result<Tree> again = check_round_trip(other, "g.nix");
    if (!tree) return fail_with("first text: " + tree.error().message);
    if (!again) return fail_with("other text: " + again.error().message);
    if (kinds_of(*tree) != kinds_of(*again)) return fail_with("the tokens differ");
    for (const PrintedBy nix : {PrintedBy::nix_2_8, PrintedBy::nix_2_34})
        if (dump(*tree, {nix, "/d", "/h"}) != dump(*again, {nix, "/d", "/h"})) return fail_with("the trees differ");
    const Result<Tree> by_hand = check_round_trip(bound, "g.nix");
    if (!by_hand) return fail_with("with parentheses: " + by_hand.error().message + "\n" + bound);
    if (dump(*tree, {PrintedBy::nix_2_34, "/d", "/h"}) != dump(*by_hand, {PrintedBy::nix_2_34, "/d", "/h"}))
        return fail_with("operators do not bind as they should:\n" + bound);
    if (undefined_variables(*tree).size() != undefined_variables(*again).size())
        return fail_with("the undefined variables differ");
    if (undefined_variables(*tree) != unresolved_variables(*tree)) return fail_with("resolve() misses others");
    const std::string edits = check_edits(*tree, other_trivia);
    return edits.empty() ? std::string() : fail_with(edits);
}

}  // namespace lf::nixsyntax
