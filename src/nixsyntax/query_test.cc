// SPDX-License-Identifier: MIT
#include "nixsyntax/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace lf::nixsyntax {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Tree parsed(std::string text) {
    Result<Tree> tree = parse(std::move(text), "t.nix");
    EXPECT_TRUE(tree) << tree.error().message;
    return std::move(*tree);
}

std::vector<std::string> texts(const Tree& tree, std::span<const NodeId> ids) {
    std::vector<std::string> out;
    for (const NodeId id : ids) out.emplace_back(tree.text(id));
    return out;
}

// The first node of this kind whose text begins at this marker.
NodeId at(const Tree& tree, std::string_view text, Kind kind, std::size_t occurrence = 0) {
    std::size_t offset = tree.text().find(text);
    while (occurrence-- > 0) offset = tree.text().find(text, offset + 1);
    for (NodeId id = 0; id < tree.size(); ++id)
        if (tree.span(id).begin == offset && tree.kind(id) == kind) return id;
    ADD_FAILURE() << "no such node: " << text;
    return kNone;
}

TEST(FindBindings, SeesDottedAndNestedSets) {
    const Tree tree = parsed(R"({
      inputs.a.url = "1";
      inputs = { a = ({ flake = false; }); "b".url = "2"; };
      inherit (x) outputs;
      inputs.a.inputs.c.follows = "c";
    })");
    const auto found = find_bindings(tree, tree.root(), "inputs.a");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].match, Match::deeper);
    EXPECT_EQ(tree.text(found[0].entry), R"(inputs.a.url = "1";)");
    EXPECT_EQ(tree.text(found[0].name), "a");
    EXPECT_EQ(found[1].match, Match::exact);
    EXPECT_EQ(tree.text(found[1].value), "({ flake = false; })");
    EXPECT_EQ(tree.kind(found[1].set), Kind::set);
    EXPECT_EQ(found[2].match, Match::deeper);
    EXPECT_EQ(tree.text(find_value(tree, tree.root(), "inputs.a.flake")), "false");
    EXPECT_EQ(tree.text(find_value(tree, tree.root(), "inputs.b.url")), "\"2\"");
    EXPECT_EQ(find_value(tree, tree.root(), "inputs.b.flake"), kNone);
    const auto inherited = find_bindings(tree, tree.root(), "outputs");
    ASSERT_EQ(inherited.size(), 1U);
    EXPECT_EQ(inherited[0].value, kNone);
    EXPECT_EQ(tree.kind(inherited[0].entry), Kind::inherit);
    EXPECT_THAT(find_bindings(tree, tree.root(), "nothing.here"), IsEmpty());
}

TEST(FindBindings, SaysWhereItCannotLookInto) {
    const Tree tree = parsed("{ inputs = import ./i.nix; inherit b; ${c}.d = 1; \"e.f\".g = 2; }");
    const auto found = find_bindings(tree, tree.root(), "inputs.a.url");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].match, Match::opaque);
    EXPECT_EQ(found[0].matched, 1U);
    EXPECT_EQ(find_bindings(tree, tree.root(), "b.c").at(0).match, Match::opaque);
    EXPECT_THAT(find_bindings(tree, tree.root(), "c.d"), IsEmpty());
    EXPECT_THAT(find_bindings(tree, tree.root(), "e.f.g"), IsEmpty());
    EXPECT_EQ(find_bindings(tree, tree.root(), std::vector<std::string>{"e.f", "g"}).size(), 1U);
    EXPECT_THAT(find_bindings(parsed("1"), 0, "a"), IsEmpty());
}

TEST(Lists, AreFoundThroughWithAndConcat) {
    const Tree tree = parsed("with pkgs; [ a ] ++ (x ++ (let y = 1; in [ b c ])) ++ (assert z; [])");
    EXPECT_THAT(texts(tree, list_operands(tree, tree.root())), ElementsAre("[ a ]", "x", "[ b c ]", "[]"));
    EXPECT_THAT(texts(tree, list_literals(tree, tree.root())), ElementsAre("[ a ]", "[ b c ]", "[]"));
    const Tree other = parsed("f [ a ]");
    EXPECT_THAT(list_literals(other, other.root()), IsEmpty());
    EXPECT_THAT(texts(other, call_parts(other, other.root())), ElementsAre("f", "[ a ]"));
    const Tree nested = parsed("((f a) b) c d");
    EXPECT_THAT(texts(nested, call_parts(nested, nested.root())), ElementsAre("f", "a", "b", "c", "d"));
}

TEST(Strings, HaveConstantValues) {
    const auto value = [](std::string text) {
        const Tree tree = parsed(std::move(text));
        return constant_string(tree, tree.root());
    };
    EXPECT_EQ(value(R"("a\n\"b")"), "a\n\"b");
    EXPECT_EQ(value("(''\n  a ''${x}\n    b''\\t\n'')"), "a ${x}\n  b\t\n");
    EXPECT_EQ(value("http://a.b"), "http://a.b");
    EXPECT_EQ(value("\"\""), "");
    EXPECT_EQ(value("x: \"a${x}\""), std::nullopt);
    EXPECT_EQ(value("1"), std::nullopt);
}

TEST(Names, AreReadThroughQuotesAndInterpolation) {
    const Tree tree = parsed("x: { a.\"b\".${\"c\"}.${(''d'')} = x.y.\"z\"; ${x}.e = f; }");
    const auto all = entries(tree, lambda_parts(tree, tree.root()).body);
    EXPECT_EQ(attr_path(tree, binding_path(tree, all[0])), (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(dotted_name(tree, binding_value(tree, all[0])), (std::vector<std::string>{"x", "y", "z"}));
    EXPECT_EQ(attr_path(tree, binding_path(tree, all[1])), std::nullopt);
    EXPECT_EQ(dotted_name(tree, binding_value(tree, all[1])), (std::vector<std::string>{"f"}));
    EXPECT_EQ(dotted_name(tree, tree.root()), std::nullopt);
}

TEST(Lambdas, HaveParts) {
    const Tree tree = parsed("inputs@{ self, nixpkgs ? 1, ... }: (final: prev: { })");
    const Lambda parts = lambda_parts(tree, tree.root());
    EXPECT_EQ(tree.text(parts.argument), "inputs");
    EXPECT_TRUE(tree.has(parts.formals, kEllipsis));
    EXPECT_EQ(tree.text(find_formal(tree, parts.formals, "nixpkgs")), "nixpkgs ? 1");
    EXPECT_EQ(find_formal(tree, parts.formals, "x"), kNone);
    EXPECT_EQ(tree.text(innermost_body(tree, tree.root())), "{ }");
    EXPECT_EQ(lambda_parts(tree, innermost_body(tree, tree.root())).body, kNone);
}

TEST(Resolve, FindsTheInnermostScope) {
    const Tree tree = parsed("a: let b = a; in { b, c ? b }@d: rec { e = b; f = c; g = d; h = e; i = a; j = k; }");
    const auto scope = [&](std::string_view binding) {
        return resolve(tree, binding_value(tree, at(tree, binding, Kind::binding)));
    };
    EXPECT_EQ(scope("e =").scope, Scope::formal);
    EXPECT_EQ(tree.text(scope("f =").definer), "c ? b");
    EXPECT_EQ(scope("g =").scope, Scope::argument);
    EXPECT_EQ(scope("h =").scope, Scope::rec_set);
    EXPECT_EQ(tree.text(scope("h =").value), "b");
    EXPECT_EQ(scope("i =").scope, Scope::argument);
    EXPECT_EQ(scope("j =").scope, Scope::none);
    EXPECT_EQ(scope("b =").scope, Scope::argument);
}

TEST(Resolve, KnowsWithInheritAndDotted) {
    const Tree tree = parsed("let a.x = 1; a.y = 2; b = 3; in { inherit b; c = with d; [ b e ]; f = a; }");
    const Definition b = resolve(tree, at(tree, "b;", Kind::name));
    EXPECT_EQ(b.scope, Scope::let);
    EXPECT_EQ(tree.text(b.value), "3");
    EXPECT_EQ(resolve(tree, at(tree, "b e", Kind::identifier)).scope, Scope::let);
    const Definition e = resolve(tree, at(tree, "e ]", Kind::identifier));
    EXPECT_EQ(e.scope, Scope::with);
    EXPECT_EQ(tree.kind(e.owner), Kind::with);
    EXPECT_EQ(resolve(tree, at(tree, "d;", Kind::identifier)).scope, Scope::none);
    const Definition a = resolve(tree, at(tree, "a;", Kind::identifier));
    EXPECT_EQ(tree.text(a.definer), "a.x = 1;");
    EXPECT_EQ(a.value, kNone);
}

TEST(Resolve, SeesThatInheritMeansTheOutside) {
    const Tree tree = parsed("x: let inherit x; inherit (y) z; y = x; in z");
    EXPECT_EQ(resolve(tree, at(tree, "x; inherit (", Kind::name)).scope, Scope::argument);
    const Definition inner = resolve(tree, at(tree, "x; in z", Kind::identifier));
    EXPECT_EQ(inner.scope, Scope::let);
    EXPECT_EQ(tree.text(inner.definer), "inherit x;");
    EXPECT_EQ(resolve(tree, at(tree, "y) z", Kind::identifier)).scope, Scope::let);
}

TEST(Follow, GoesToTheValueAndEndsInCircles) {
    const Tree tree = parsed("let a = (b); b = [ 1 ]; c = d; d = c; in [ a c e ]");
    const auto elements = tree.children(tree.last_child(tree.root()));
    EXPECT_EQ(tree.text(follow(tree, elements[0])), "[ 1 ]");
    EXPECT_TRUE(tree.is(follow(tree, elements[1]), Kind::identifier));
    EXPECT_EQ(follow(tree, elements[2]), elements[2]);
}

TEST(NodeAt, IsTheInnermost) {
    const Tree tree = parsed(" { a = [ b c ]; } ");
    EXPECT_EQ(tree.text(node_at(tree, 9)), "b");
    EXPECT_EQ(tree.text(node_at(tree, 10)), "[ b c ]");
    EXPECT_EQ(node_at(tree, 0), tree.root());
    EXPECT_EQ(node_at(tree, 1000), tree.root());
    EXPECT_EQ(tree.text(enclosing(tree, node_at(tree, 9), Kind::binding)), "a = [ b c ];");
    EXPECT_EQ(enclosing(tree, node_at(tree, 9), Kind::lambda), kNone);
}

// `rec` of the first set holds for what is merged into it; that of a later one is lost.
TEST(Resolve, SeesMergedSetsAsNixDoes) {
    const Tree tree = parsed("{ a = rec { b = 1; }; a.c.d = b; a = { e = c; f = e; }; }");
    const auto of = [&](std::string_view value, std::size_t n) {
        return resolve(tree, at(tree, value, Kind::identifier, n));
    };
    EXPECT_EQ(of("b;", 0).scope, Scope::rec_set);
    EXPECT_EQ(tree.text(of("b;", 0).owner), "rec { b = 1; }");
    EXPECT_EQ(tree.text(of("b;", 0).value), "1");
    EXPECT_EQ(tree.text(of("c;", 0).definer), "a.c.d = b;");
    EXPECT_EQ(of("c;", 0).value, kNone);  // c is a set with a d in it
    EXPECT_EQ(tree.text(of("e; }", 0).value), "c");
    const Tree lost = parsed("{ a.b = 1; a = rec { c = d; d = 3; }; }");
    EXPECT_EQ(resolve(lost, at(lost, "d;", Kind::identifier)).scope, Scope::none);
}

// Large scopes are remembered by name; they have to answer as small ones do.
TEST(Resolve, LargeScopesAnswerAsSmallOnes) {
    const std::string entries = "a.b = 1; a.c = 2; d = 3; \"e f\" = 4; inherit (x) g h; i.j = 5; ";
    std::string more;
    for (int i = 0; i < 40; ++i) more += "v" + std::to_string(i) + " = " + std::to_string(i) + "; ";
    for (const std::string& rest : {std::string(), more}) {
        const Tree tree = parsed("with y; let " + entries + rest + "in [ a d g h i z ]");
        const auto list = tree.children(result_of(tree, tree.root()));
        ASSERT_EQ(list.size(), 6U);
        const auto definition = [&](std::size_t n) { return resolve(tree, list[n]); };
        EXPECT_EQ(tree.text(definition(0).definer), "a.b = 1;");
        EXPECT_EQ(definition(0).value, kNone);  // two bindings make it
        EXPECT_EQ(tree.text(definition(1).value), "3");
        EXPECT_EQ(tree.text(definition(2).definer), "inherit (x) g h;");
        EXPECT_EQ(definition(3).definer, definition(2).definer);
        EXPECT_EQ(definition(3).value, kNone);
        EXPECT_EQ(tree.text(definition(4).definer), "i.j = 5;");
        EXPECT_EQ(definition(4).value, kNone);
        EXPECT_EQ(definition(5).scope, Scope::with);
        EXPECT_EQ(tree.text(resolve(tree, list[0], "e f").value), "4");
        for (std::size_t n = 0; n < 5; ++n) EXPECT_EQ(definition(n).scope, Scope::let) << n;
    }
}

}  // namespace
}  // namespace lf::nixsyntax
