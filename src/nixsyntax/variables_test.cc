// SPDX-License-Identifier: MIT
// Which variables are defined nowhere. The right-hand sides are what nix-instantiate --parse 2.34 complains of, all of
// them and not only the first.
#include <gtest/gtest.h>

#include <string>

#include "nixsyntax/variables.h"

namespace lf::nixsyntax {
namespace {

std::string undefined(std::string_view text) {
    const Result<Tree> tree = parse(std::string(text), "t.nix");
    if (!tree) return tree.error().message;
    std::string out;
    for (const NodeId id : undefined_variables(*tree))
        out += std::string(out.empty() ? "" : " ") + std::string(tree->text(id));
    return out;
}

TEST(Variables, KnowsEveryScope) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"a", "a"},
        {"x: x a", "a"},
        {"{ x, y ? x }@z: x y z w", "w"},
        {"let x = y; y = 1; in x z", "z"},
        {"rec { x = y; y = z; }", "z"},
        {"{ x = y; y = 1; }", "y"},
        {"let { x = y; y = z; }", "z"},
        {"with x; y", "x"},
        {"x: with x; y", ""},
        {"{ inherit x; }", "x"},
        {"rec { inherit x; y = x; }", "x"},
        {"rec { inherit (x) y; x = y; }", ""},
        {"{ inherit \"x\"; }", "\"x\""},
        {"let inherit (x) x; in x", ""},
        {"rec { ${x} = 1; x = y; }", "y"},
        {"x: { ${y} = x; }", "y"},
        {"x: x.y.${z} or w", "z w"},
        {"x: x ? ${z}", "z"},
        {"\"${a} ${\"${b}\"}\" + ''${c}'' + ./${d}", "a b c d"},
        {"import <a> __add builtins.x __curPos 1 - 2", ""},
        {"lib mkIf", "lib mkIf"},
        {"x: x or", "or"},
        {"rec { a.b = c; c = a; }", ""},
    };
    for (const auto& [text, names] : cases) EXPECT_EQ(undefined(text), names) << text;
}

// The first set decides, for all that is merged into it. Each right-hand side is what Nix 2.34 says.
TEST(Variables, OfMergedSetsAreThoseOfTheFirst) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"{ a = rec { b = 1; }; a.c = b; }", ""},
        {"{ a = rec { b = 1; }; a.c = d; }", "d"},
        {"{ a = rec { b = c; }; a.c = 1; }", ""},
        {"{ a.b = 1; a = rec { c = d; d = 3; }; }", "d"},
        {"{ a = { b = 1; }; a = rec { c = b; }; }", "b"},
        {"{ a = rec { b = 1; }; a = { c = b; }; }", ""},
        {"{ a = (rec { b = 1; }); a = ({ c = b; }); }", ""},
        {"{ a = rec { b = 1; }; a = rec { c = b; d = c; }; }", ""},
        {"{ a = rec { b = c; }; a = { inherit c; }; }", "c"},
        {"{ a = rec { b = 1; }; a.d = { inherit b; }; }", ""},
        {"{ a = rec { b = 1; }; a = { inherit (b) c; e = c; }; }", ""},
        {"{ a = rec { b = 1; }; a.c.d.e = b; f = b; }", "b"},
        {"x: { a = rec { b = 1; }; a.${b} = b; }", ""},
        {"x: { a = rec { b = 1; }; a.c.${b} = c; }", ""},
        {"x: { a = { b = 1; }; a.${b} = 1; }", "b"},
        {"x: { ${a} = 1; a = rec { a = 1; }; a.${a} = 1; }", "a"},
        {"{ a = { b = rec { c = 1; }; }; a.b.d = c; a.e = c; }", "c"},
        {"{ a.b.c = 1; a = { b = rec { d = c; }; }; }", "c"},
        {"{ a.b = rec { c = 1; }; a.b.d = c; a = { b = { e = d; }; f = c; }; }", "c"},
        {"{ a = rec { b.c = 1; }; a.b = rec { d = e; e = c; f = b; }; }", "e c"},
        {"let a = rec { b = 1; }; a.c = b; in a", ""},
        {"let a = rec { b = 1; }; a.c = b; d = b; in b", "b b"},
        {"rec { a = rec { b = 1; }; a.c = b; d = b; e = a; }", "b"},
        {"let { a = rec { b = 1; }; a.c = b; body = c; }", "c"},
        {"{ a = rec { b = 1; }; a.\"c\" = x: rec { d = b + x + c; }; }", ""},
        {"{ a = rec { b = 1; }; a.c = let b = d; in b; }", "d"},
        {"{ ${\"a\"} = rec { b = 1; }; a.c = b; }", ""},
    };
    for (const auto& [text, names] : cases) EXPECT_EQ(undefined(text), names) << text;
}

// The walk over the whole tree and the question about one place are two programs with one answer.
TEST(Variables, AgreeWithResolve) {
    for (const std::string_view text :
         {"{ a = rec { b = 1; inherit y; }; a.c.${b} = c; inherit d; }", "{ x, y ? z }@w: with x; [ y v ]",
          "rec { inherit (a) b; inherit c; a = let d = b; in d e; }", "{ a.b = 1; a = rec { c = d; d = 3; }; }"}) {
        const Result<Tree> tree = parse(std::string(text), "t.nix");
        ASSERT_TRUE(tree) << text;
        EXPECT_EQ(undefined_variables(*tree), unresolved_variables(*tree)) << text;
    }
}

TEST(Variables, SayWhere) {
    const Result<Tree> tree = parse("{\n  a = b;\n}", "t.nix");
    const Done done = check_variables(*tree);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().id, "nix-undefined");
    EXPECT_EQ(done.error().message, "undefined variable 'b'");
    EXPECT_EQ(done.error().where.line, 2U);
    EXPECT_EQ(done.error().where.column, 7U);
    EXPECT_TRUE(check_variables(*parse("x: x", "t.nix")));
}

TEST(Variables, GlobalsAreThoseOfNix) {
    for (const char* name : {"import", "builtins", "__add", "__curPos", "derivation", "__foldl'", "fetchTarball"})
        EXPECT_TRUE(is_global(name)) << name;
    for (const char* name : {"add", "lib", "fetchurl", "__import", ""}) EXPECT_FALSE(is_global(name)) << name;
}

}  // namespace
}  // namespace lf::nixsyntax
