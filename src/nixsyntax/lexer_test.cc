// SPDX-License-Identifier: MIT
#include "nixsyntax/lexer.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace lf::nixsyntax {
namespace {

// The tokens as `kind<text>`, blanks left out.
std::string shown(std::string_view text) {
    static constexpr std::string_view kKinds[] = {
#define LF_NIX_TOKEN(name, words) #name,
        LF_NIX_TOKENS(LF_NIX_TOKEN)
#undef LF_NIX_TOKEN
    };
    const std::vector<Token> tokens = lex(text);
    std::string out;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (tokens[i].kind == TokenKind::blank) continue;
        if (!out.empty()) out += ' ';
        out += kKinds[static_cast<std::size_t>(tokens[i].kind)];
        out.append("<").append(text.substr(tokens[i].begin, tokens[i + 1].begin - tokens[i].begin)).append(">");
    }
    return out;
}

struct Case {
    std::string_view text;
    std::string_view tokens;
};

class Lexing : public testing::TestWithParam<Case> {};

TEST_P(Lexing, CutsAsNixDoes) { EXPECT_EQ(shown(GetParam().text), GetParam().tokens); }

constexpr Case kCases[] = {
    {"", ""},
    {"a'b-c_1", "identifier<a'b-c_1>"},
    {"or orr", "kw_or<or> identifier<orr>"},
    {"a:b", "url<a:b>"},
    {"a: b", "identifier<a> colon<:> identifier<b>"},
    {"a_b:c", "identifier<a_b> colon<:> identifier<c>"},
    {"a_b+c:d", "identifier<a_b> plus<+> url<c:d>"},
    {"a+b:c", "url<a+b:c>"},
    {"https://x.org/?q=1#c", "url<https://x.org/?q=1> line_comment<#c>"},
    {"a/b", "path<a/b> path_end<>"},
    {"a / b", "identifier<a> divide</> identifier<b>"},
    {"a /b", "identifier<a> path</b> path_end<>"},
    {"a.b/c", "path<a.b/c> path_end<>"},
    {"a'/b", "identifier<a'> path</b> path_end<>"},
    {"-1/2", "path<-1/2> path_end<>"},
    {"1/2", "path<1/2> path_end<>"},
    {"1-2", "integer<1> minus<-> integer<2>"},
    {"a//b", "identifier<a> update<//> identifier<b>"},
    {"++b/c", "path<++b/c> path_end<>"},
    {".../a", "path<.../a> path_end<>"},
    {"../a ...", "path<../a> path_end<> ellipsis<...>"},
    {"~/a ~", "home_path<~/a> path_end<> bad_byte<~>"},
    {"./a/ b", "path<./a/> bad_path<> identifier<b>"},
    {"./${a}/b", "path<./> interpolation<${> identifier<a> brace_close<}> path_text</b> path_end<>"},
    {"/${a}", "path</> interpolation<${> identifier<a> brace_close<}> path_end<>"},
    {"a/b//c", "path<a/b/> path_text</c> path_end<>"},
    {"<a/b> <a <= b", "search_path<<a/b>> less<<> identifier<a> less_equal<<=> identifier<b>"},
    {"a<b>c", "identifier<a> search_path<<b>> identifier<c>"},
    {"1.5 .5 0.5 10. 1.5e3 1.e-2 1e5",
     "floating<1.5> floating<.5> floating<0.5> floating<10.> floating<1.5e3> "
     "floating<1.e-2> integer<1> identifier<e5>"},
    {"00.5 0.", "integer<00> floating<.5> integer<0> dot<.>"},
    {"a.\"b\".c", "identifier<a> dot<.> quote<\"> string_text<b> quote<\"> dot<.> identifier<c>"},
    {R"("a\"b\${c$${d}$")", R"(quote<"> string_text<a\"b\${c$${d}$> quote<">)"},
    {R"("${"${a}"}")",
     "quote<\"> interpolation<${> quote<\"> interpolation<${> identifier<a> brace_close<}> "
     "quote<\"> brace_close<}> quote<\">"},
    {"''a''", "indented_open<''> indented_text<a> indented_close<''>"},
    {"''''''", "indented_open<''> indented_escape<'''> indented_escape<'>"},
    {"''a '''b ''${c} ''\\n $$${d} $''",
     "indented_open<''> indented_text<a > indented_escape<'''> indented_text<b > "
     "indented_escape<''$> indented_text<{c} > indented_escape<''\\n> "
     "indented_text< $$> interpolation<${> identifier<d> brace_close<}> "
     "indented_text< > indented_escape<$> indented_close<''>"},
    {"''  \n x''", "indented_open<''  \n> indented_text< x> indented_close<''>"},
    {"''  x''", "indented_open<''> indented_text<  x> indented_close<''>"},
    {"a#b\rc", "identifier<a> line_comment<#b> identifier<c>"},
    {"/*/ a */b/**/", "block_comment</*/ a */> identifier<b> block_comment</**/>"},
    {"/* a", "bad_comment</* a>"},
    {"a |> b <| c", "identifier<a> pipe_into<|>> identifier<b> pipe_from<<|> identifier<c>"},
    {"a&b$c", "identifier<a> bad_byte<&> identifier<b> bad_byte<$> identifier<c>"},
    {"}}a", "brace_close<}> brace_close<}> identifier<a>"},
    {"\"a", "quote<\"> string_text<a>"},
    {"''a''\\", "indented_open<''> indented_text<a> indented_close<''> bad_byte<\\>"},
};
INSTANTIATE_TEST_SUITE_P(All, Lexing, testing::ValuesIn(kCases));

TEST(Lexer, NamesEveryKind) {
    for (int kind = 0; kind <= static_cast<int>(TokenKind::end_of_file); ++kind)
        EXPECT_FALSE(token_name(static_cast<TokenKind>(kind)).empty());
}

TEST(Lexer, GivesEveryByteToOneToken) {
    // All pairs and many triples of bytes that mean something, in all modes.
    const std::string bytes = std::string("a1'\"$\\{}/.~<>-+:; #*\n\r|&=!@?_(") + '\0' + "\xff";
    for (const char* prefix : {"", "\"", "''", "./${", "./a", "/*"}) {
        for (const char a : bytes) {
            for (const char b : bytes) {
                for (const char c : bytes) {
                    const std::string text = std::string(prefix) + a + b + c;
                    const std::vector<Token> tokens = lex(text);
                    ASSERT_EQ(tokens.front().begin, 0U) << text;
                    ASSERT_EQ(tokens.back().begin, text.size()) << text;
                    ASSERT_EQ(tokens.back().kind, TokenKind::end_of_file) << text;
                    for (std::size_t i = 1; i < tokens.size(); ++i)
                        ASSERT_LE(tokens[i - 1].begin, tokens[i].begin) << text;
                }
            }
        }
    }
}

TEST(Lexer, IsLinear) {
    // Each of these would be quadratic if a run of bytes was looked at anew for each token in it.
    std::string sums;
    std::string angles;
    std::string quotes;
    for (int i = 0; i < 300000; ++i) {
        sums += "a+";
        angles += "<a";
        quotes += "''";
    }
    EXPECT_EQ(lex(sums).size(), 600001U);
    EXPECT_EQ(lex(angles).size(), 600001U);
    EXPECT_LE(lex(quotes).size(), 300001U);
    EXPECT_EQ(lex(std::string(2000000, '.')).back().begin, 2000000U);
    EXPECT_EQ(lex(std::string(2000000, '/')).back().begin, 2000000U);
    EXPECT_EQ(lex(std::string(2000000, '$')).back().begin, 2000000U);
}

}  // namespace
}  // namespace lf::nixsyntax
