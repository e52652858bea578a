// SPDX-License-Identifier: MIT
// What the parser makes of texts, checked through the print of the tree; and how it refuses.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "nixsyntax/dump.h"
#include "nixsyntax/tree.h"

namespace lf::nixsyntax {
namespace {

std::string shown(std::string text) {
    const Result<Tree> tree = check_round_trip(std::move(text), "t.nix");
    return tree ? dump(*tree, {PrintedBy::nix_2_8, "/d", "/home/u"}) : tree.error().id + ": " + tree.error().message;
}

struct Case {
    std::string_view text;
    std::string_view tree;
};

class Trees : public testing::TestWithParam<Case> {};
TEST_P(Trees, AreThoseOfNix) { EXPECT_EQ(shown(std::string(GetParam().text)), GetParam().tree); }

// The right-hand sides were printed by nix-instantiate --parse 2.8.
constexpr Case kTrees[] = {
    {"1 + 2 * 3 - 4", "(__sub (1 + (__mul 2 3)) 4)"},
    {"[] ++ [] ++ []", "([ ] ++ ([ ] ++ [ ]))"},
    {"{} // {} // {}", "({ } // ({ } // { }))"},
    {"x: !x ? a.b || x == 1 && true -> false", "(x: (((! ((x) ? a.b)) || ((x == 1) && true)) -> false))"},
    {"x: -x ? a", "(x: (((__sub 0 x)) ? a))"},
    {"x: !x + 1 * !x ++ 2", "(x: (! (x + (__mul 1 (! (x ++ 2))))))"},
    {"1 <= 2 != (3 > 4)", "((! (__lessThan 2 1)) != (__lessThan 4 3))"},
    {"x: x.a or x.b or 1", "(x: (x).a or ((x).b or (1)))"},
    {"f: a: f a.b [ f a ] {}", "(f: (a: (f (a).b [ (f) (a) ] { })))"},
    {"{ a, b ? a, ... }@c: c", "({ a, b ? a, ... } @ c: c)"},
    {"c@{ }: c", "({  } @ c: c)"},
    {"{ a }: a", "({ a }: a)"},
    {"{ a, }: a", "({ a }: a)"},
    {"{}", "{ }"},
    {"{ }: 1", "({  }: 1)"},
    {"{ a.b = 1; a = { c = 2; }; \"d e\" = 3; }", "{ a = { b = 1; c = 2; }; \"d e\" = 3; }"},
    {"x: { ${x} = 1; inherit x; inherit (x) y \"z\"; }", "(x: { inherit x ; y = (x).y; z = (x).z; \"${x}\" = 1; })"},
    {"let a = 1; in a", "(let a = 1; in a)"},
    {"let { body = 1; }", "(rec { body = 1; }).body"},
    {"rec { a = a; }", "rec { a = a; }"},
    {"x: if x then assert x; 1 else with x; 2", "(x: (if x then assert x; 1 else (with x; 2)))"},
    {"<nixpkgs> ./a ../b /c ~/d", "(__findFile __nixPath \"nixpkgs\" /d/a /b /c /home/u/d)"},
    {"x: ./a${x}b/${x}", "(x: (/d/a + x + \"b/\" + x))"},
    {"http://a.b", "\"http://a.b\""},
    {"x: \"a\\n${x}$\"", "(x: (\"a\\n\" + x + \"\\$\"))"},
    {"x: ''\n  a\n   ${x}\n''", "(x: (\"a\\n \" + x + \"\\n\"))"},
    {"''\n\ta''", "\"\\ta\""},
    {"1.50 + 007", "(1.5 + 7)"},
    {"x: x or", "(x: (x or))"},
    {"x: (x x) or x", "(x: ((x x) or x))"},
    {"a: b: a |> b", "(a: (b: (b a)))"},
    {"a: b: a <| b <| a", "(a: (b: (a (b a))))"},
    {"{ or = 1; a.or = 2; }.or", "({ a = { or = 2; }; or = 1; }).or"},
    {"a: a.\"b\".${\"c\"}", "(a: (a).b.c)"},
    {"let ${\"a\"} = 1; in a", "(let a = 1; in a)"},
    {"\r\n\t1 # c\r\n", "1"},
};
INSTANTIATE_TEST_SUITE_P(All, Trees, testing::ValuesIn(kTrees));

class Refusals : public testing::TestWithParam<Case> {};
TEST_P(Refusals, SayWhatWasExpected) { EXPECT_EQ(shown(std::string(GetParam().text)), GetParam().tree); }

constexpr Case kRefusals[] = {
    {"", "nix-parse: expected an expression, got the end of the file"},
    {"{ a = 1 }", "nix-parse: expected ';' after the binding, got '}'"},
    {"{ a = 1; ", "nix-parse: expected an attribute or '}' to close the set, got the end of the file"},
    {"{ a 1; }", "nix-parse: expected '=' after the attribute's name, got '1'"},
    {"{ a.1 = 1; }", "nix-parse: expected '=' after the attribute's name, got '.1'"},
    {"{ a = 1; a = 2; }", "nix-duplicate: attribute 'a' is already defined"},
    {"{ a.b = 1; a.b = 2; }", "nix-duplicate: attribute 'b' is already defined"},
    {"{ a = 1; a.b = 2; }", "nix-duplicate: attribute 'a' is already defined"},
    {"x: { inherit x; inherit x; }", "nix-duplicate: attribute 'x' is already defined"},
    {"{ a = { b = 1; }; a = { b = 2; }; }", "nix-duplicate: attribute 'b' is already defined"},
    {"{ a, a }: 1", "nix-duplicate: the function has two arguments 'a'"},
    {"a@{ a }: 1", "nix-duplicate: the function has two arguments 'a'"},
    {"{ ..., a }: 1", "nix-parse: expected '}' after '...', got ','"},
    {"{ a b }: 1", "nix-parse: expected '=' after the attribute's name, got 'b'"},
    {"{ a, b c }: 1", "nix-parse: expected ',' or '}' after the argument, got 'c'"},
    {"let a = 1; a", "nix-parse: expected '=' after the attribute's name, got the end of the file"},
    {"x: let ${x} = 1; in x", "nix-parse: 'let' takes no dynamic attributes"},
    {"x: { inherit ${x}; }", "nix-parse: 'inherit' takes no dynamic attributes"},
    {"1 < 2 < 3", "nix-parse: '<' and '<' cannot stand in one chain"},
    {"1 == 2 != 3", "nix-parse: '==' and '!=' cannot stand in one chain"},
    {"a |> b <| c", "nix-parse: '|>' and '<|' cannot stand in one chain"},
    {"1 + if true then 1 else 2", "nix-parse: expected an operand, got 'if'"},
    {"[ 1 -1 ]", "nix-parse: expected an element or ']' in the list, got '-'"},
    {"(1", "nix-parse: expected ')' to close the parenthesis, got the end of the file"},
    {"1)", "nix-parse: expected the end of the file or an operator after the expression, got ')'"},
    {"\"a", "nix-parse: this string is never closed"},
    {"''a", "nix-parse: this string is never closed"},
    {"/* a", "nix-parse: this comment is never closed by '*/'"},
    {"./a/", "nix-parse: a path must not end in '/'"},
    {"a/b//c", "nix-parse: a path must not contain '//'"},
    {"9223372036854775808", "nix-parse: this number does not fit into 64 bits"},
    {"1.0e999", "nix-parse: this number is out of the range of floating-point numbers"},
    {"$a", "nix-parse: '$' must be followed by '{'"},
    {"a & b", "nix-parse: '&' has no meaning here"},
    {"\xc3\xa4", "nix-parse: byte 0xc3 stands where code is expected"},
    {"\xef\xbb\xbf{ }", "nix-bom: the file begins with a byte order mark, which Nix refuses"},
    {"if 1 then 2", "nix-parse: expected 'else' after the expression of 'then', got the end of the file"},
    {"with 1 2", "nix-parse: expected ';' after the scope of 'with', got the end of the file"},
};
INSTANTIATE_TEST_SUITE_P(All, Refusals, testing::ValuesIn(kRefusals));

std::string repeated(std::string_view part, int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += part;
    return out;
}

TEST(Parse, SaysWhereAndShowsTheLine) {
    const Result<Tree> tree = parse("{\n  a = 1\n}\n", "flake.nix");
    ASSERT_FALSE(tree);
    EXPECT_EQ(tree.error().where.file, "flake.nix");
    EXPECT_EQ(tree.error().where.line, 3U);
    EXPECT_EQ(tree.error().where.column, 1U);
    EXPECT_EQ(tree.error().where.source_line, "}");
}

TEST(Parse, RefusesNulBytes) {
    EXPECT_EQ(shown(std::string("[\0]", 3)), "nix-parse: a NUL byte stands where code is expected");
    EXPECT_EQ(shown(std::string("\0", 1)), "nix-parse: a NUL byte stands where code is expected");
    EXPECT_EQ(shown(std::string("\"a\0\"", 4)), "nix-parse: a string must not contain a NUL byte");
    EXPECT_EQ(shown(std::string("''a\0''", 6)), "nix-parse: a string must not contain a NUL byte");
    EXPECT_EQ(shown(std::string("1 # \0", 5)), "1");
    // Where Nix stops to read, and where it does not look.
    EXPECT_EQ(shown(std::string("1\0 }", 4)), "1");
    EXPECT_EQ(shown(std::string("\"\\\0\"", 4)), std::string("\"\0\"", 3));
    EXPECT_EQ(shown(std::string("''''\\\0''", 8)), std::string("\"\0\"", 3));
    EXPECT_EQ(shown(std::string("\"\\\\\0\"", 5)), "nix-parse: a string must not contain a NUL byte");
}

TEST(Parse, KeepsInvalidUtf8InStringsAndComments) { EXPECT_EQ(shown("\"\xff\" # \xfe"), "\"\xff\""); }

TEST(Parse, LimitsNesting) {
    for (const auto& [open, close] :
         {std::pair{"(", ")"}, std::pair{"[", "]"}, std::pair{"{ a = ", "; }"}, std::pair{"\"${", "}\""},
          std::pair{"''${", "}''"}, std::pair{"./${", "}"}, std::pair{"{ ${", "} = 1; }"}, std::pair{"a.b or ", ""},
          std::pair{"{ a ? ", " }: 1"}, std::pair{"if ", " then 1 else 2"}, std::pair{"with ", "; 1"},
          std::pair{"let a = ", "; in 1"}, std::pair{"rec { inherit (", ") a; }"}}) {
        const int fine = static_cast<int>(kMaxNesting) / 2 - 1;
        const std::string deep = repeated(open, fine) + "1" + repeated(close, fine);
        EXPECT_TRUE(parse(deep, "t.nix")) << open;
        const std::string too_deep = repeated(open, 50000) + "1" + repeated(close, 50000);
        const Result<Tree> refused = parse(too_deep, "t.nix");
        ASSERT_FALSE(refused) << open;
        EXPECT_EQ(refused.error().id, "nix-depth") << open;
        EXPECT_FALSE(parse(repeated(open, 50000), "t.nix")) << open;
    }
}

TEST(Parse, LimitsTheHeightOfChains) {
    for (const std::string_view part : {"1 + ", "[] ++ ", "!", "- ", "a: ", "with a; ", "assert a; ", "let a = 1; in ",
                                        "if 1 then 2 else ", "{ a, b }: ", "1 |> ", "1 <| ", "1 -> "}) {
        const int fine = static_cast<int>(kMaxHeight) - 4;
        const Result<Tree> tree = parse(repeated(part, fine) + "1", "t.nix");
        ASSERT_TRUE(tree) << part << tree.error().message;
        EXPECT_FALSE(dump(*tree).empty());
        const Result<Tree> refused = parse(repeated(part, 50000) + "1", "t.nix");
        ASSERT_FALSE(refused) << part;
        EXPECT_EQ(refused.error().id, "nix-depth") << part;
    }
    // Flat things have no limit.
    EXPECT_TRUE(parse("a" + repeated(" b", 300000), "t.nix"));
    EXPECT_TRUE(parse("[" + repeated(" b", 300000) + "]", "t.nix"));
    EXPECT_TRUE(parse("a" + repeated(".b", 300000), "t.nix"));
}

TEST(Parse, IsNotQuadratic) {
    const auto begin = std::chrono::steady_clock::now();
    std::string many = "{";
    for (int i = 0; i < 100000; ++i) many += " a.b" + std::to_string(i) + " = 1;";
    EXPECT_TRUE(parse(many + "}", "t.nix"));
    const std::string path = repeated("a.", 100000) + "a";
    EXPECT_FALSE(parse("{" + path + " = 1; " + path + " = 1; }", "t.nix"));
    // Merged with its parent's dotted binding at every level.
    const std::string nested = repeated("{ a.x = 1; a = ", 900) + "1" + repeated("; }", 900);
    EXPECT_FALSE(parse(nested, "t.nix"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Parse, NodesKnowTheirSpansAndParents) {
    const Result<Tree> tree = parse(" # c\n{ a = [ 1 ./b ]; } // x ", "t.nix");
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->text(tree->root()), "{ a = [ 1 ./b ]; } // x");
    EXPECT_EQ(tree->parent(tree->root()), kNone);
    for (NodeId id = 0; id < tree->root(); ++id) {
        EXPECT_GT(tree->parent(id), id);
        EXPECT_TRUE(tree->span(tree->parent(id)).contains(tree->span(id)));
        EXPECT_FALSE(tree->span(id).empty());
    }
}

}  // namespace
}  // namespace lf::nixsyntax
