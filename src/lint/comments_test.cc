// SPDX-License-Identifier: MIT
#include "lint/comments.h"

#include <gtest/gtest.h>

#include "nixsyntax/tree.h"

namespace lf::lint {
namespace {

TEST(Comments, are_kept_by_their_words) {
    EXPECT_TRUE(keeps_comments("{ } # a\n", "# a\n{ b = 1; }\n"));
    EXPECT_TRUE(keeps_comments("  /* a\n     b */ 1", "/* a\nb */ 2 # new\n"));
    EXPECT_FALSE(keeps_comments("{ } # a\n", "{ }\n"));
    EXPECT_FALSE(keeps_comments("[ /* a */ /* a */ ]", "[ /* a */ ]"));
    // What follows a comment on its line is swallowed by it.
    EXPECT_FALSE(keeps_comments("[ # a\n]", "[ # a ]\n]"));
    // A text is no comment.
    EXPECT_TRUE(keeps_comments("\"# a\"", "\"\""));
    EXPECT_FALSE(keeps_comments("\"${x /* a */}\"", "\"# a\""));
}

TEST(Comments, that_a_fix_takes_and_writes_again_are_not_lost) {
    const auto tree = nixsyntax::parse("{ a = /* why */ 1; # how\n}\n", "x.nix");
    ASSERT_TRUE(tree);
    const auto replacing = [](nixsyntax::Span span, std::string text) {
        Fix fix;
        fix.edits.replace(span, std::move(text));
        return fix;
    };
    EXPECT_FALSE(loses_comment(*tree, replacing({16, 17}, "2")));
    EXPECT_TRUE(loses_comment(*tree, replacing({2, 18}, "")));
    EXPECT_FALSE(loses_comment(*tree, replacing({2, 18}, "b = /* why */ 1;")));
    EXPECT_TRUE(loses_comment(*tree, replacing({2, 24}, "/* why */")));
    EXPECT_EQ(comments_in(*tree, {0, 27}).size(), 2U);
}

}  // namespace
}  // namespace lf::lint
