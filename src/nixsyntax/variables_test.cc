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
