// SPDX-License-Identifier: MIT
#include "nixsyntax/style.h"

#include <gtest/gtest.h>

#include <string>

#include "nixsyntax/query.h"

namespace lf::nixsyntax {
namespace {

Tree parsed(std::string text) {
    Result<Tree> tree = parse(std::move(text), "t.nix");
    EXPECT_TRUE(tree) << tree.error().message;
    return std::move(*tree);
}

TEST(FileStyle, IsRead) {
    const FileStyle tabs = file_style(parsed("{\r\n\ta = {\r\n\t\tb = 1;\r\n\t};\r\n}"));
    EXPECT_EQ(tabs.newline, "\r\n");
    EXPECT_EQ(tabs.indent_unit, "\t");
    EXPECT_FALSE(tabs.final_newline);
    const FileStyle four = file_style(parsed("{ x }:\n{\n    a = [\n        1\n    ];\n}\n"));
    EXPECT_EQ(four.newline, "\n");
    EXPECT_EQ(four.indent_unit, "    ");
    EXPECT_TRUE(four.final_newline);
    EXPECT_EQ(file_style(parsed("{ }")).indent_unit, "  ");
}

TEST(Lines, AreMeasured) {
    const Tree tree = parsed("{\n  a = [ 1 ];\r\n}\n");
    const NodeId binding = tree.child(tree.root(), 0);
    EXPECT_EQ(line_indent_of(tree, binding), "  ");
    EXPECT_TRUE(starts_line(tree, binding));
    EXPECT_FALSE(starts_line(tree, binding_value(tree, binding)));
    EXPECT_TRUE(on_one_line(tree, binding));
    EXPECT_FALSE(on_one_line(tree, tree.root()));
    EXPECT_EQ(line_begin(tree, 5), 2U);
    EXPECT_EQ(line_end(tree, 5), 14U);
    EXPECT_EQ(line_begin(tree, 0), 0U);
}

TEST(Comments, BelongToWhatTheyAreAbout) {
    const std::string text =
        "[\n"
        "  a # about a\n"
        "\n"
        "  # about b\n"
        "  # still\n"
        "  b /* too */\n"
        "  c /* about d */ d\n"
        "]";
    const Tree tree = parsed(text);
    const auto items = tree.children(tree.root());
    EXPECT_EQ(text.substr(0, end_with_comment(tree, items[0])), "[\n  a # about a");
    EXPECT_EQ(tree.text(span_with_comments(tree, items[0])), "  a # about a\n");
    EXPECT_EQ(tree.text(span_with_comments(tree, items[1])), "  # about b\n  # still\n  b /* too */\n");
    EXPECT_EQ(tree.text(span_with_comments(tree, items[2])), "c");
    EXPECT_EQ(tree.text(span_with_comments(tree, items[3])), "d");
}

TEST(ItemStyle, OfLists) {
    const Tree tree = parsed("{\n  a = [ 1 2 ];\n  b = [1];\n  c = [\n      1\n\n      2\n  ];\n  d = [ ];\n}");
    const auto style = [&](std::string_view name) { return item_style(tree, find_value(tree, tree.root(), name)); };
    EXPECT_TRUE(style("a").one_line);
    EXPECT_TRUE(style("a").blank_inside);
    EXPECT_FALSE(style("b").blank_inside);
    EXPECT_FALSE(style("c").one_line);
    EXPECT_TRUE(style("c").blank_lines);
    EXPECT_EQ(style("c").item_indent, "      ");
    EXPECT_EQ(style("c").close_indent, "  ");
    EXPECT_TRUE(style("d").empty);
    EXPECT_EQ(style("d").item_indent, "    ");
    EXPECT_EQ(tree.text().substr(style("a").open_end, style("a").close_begin - style("a").open_end), " 1 2 ");
}

TEST(ItemStyle, OfLetAndSets) {
    const Tree tree = parsed("let\n  a = rec { x = 1; };\n  b = (2);\nin\na");
    const ItemStyle let = item_style(tree, tree.root());
    EXPECT_EQ(let.item_indent, "  ");
    EXPECT_EQ(tree.text().substr(let.close_begin, 2), "in");
    EXPECT_FALSE(let.one_line);
    const ItemStyle set = item_style(tree, find_value(tree, tree.root(), "a"));
    EXPECT_TRUE(set.one_line);
    EXPECT_EQ(tree.text()[set.open_end - 1], '{');
}

TEST(FormalStyle, SeesCommas) {
    const auto style = [](std::string text) {
        const Tree tree = parsed(std::move(text));
        return formal_style(tree, lambda_parts(tree, tree.root()).formals);
    };
    EXPECT_EQ(style("{ a, b ? { x, y }: x, ... }: a").commas, Commas::trailing);
    EXPECT_TRUE(style("{ a, b }: a").items.one_line);
    const FormalStyle leading = style("{ a\n, b ? [\n  1\n]\n, c\n}: a");
    EXPECT_EQ(leading.commas, Commas::leading);
    EXPECT_FALSE(leading.final_comma);
    EXPECT_TRUE(style("{\n  a,\n  b, # last\n}: a").final_comma);
}

TEST(AssignText, IsKept) {
    const auto text = [](std::string source) {
        const Tree tree = parsed(std::move(source));
        return assign_text(tree, tree.child(tree.root(), 0));
    };
    EXPECT_EQ(text("{ a = 1; }"), " = ");
    EXPECT_EQ(text("{ a=1; }"), "=");
    EXPECT_EQ(text("{ a =\n  1; }"), " =");
}

}  // namespace
}  // namespace lf::nixsyntax
