// SPDX-License-Identifier: MIT
#include "base/wrap.h"

#include <gtest/gtest.h>

namespace lf {
namespace {

TEST(Wrap, ShortTextStaysOnItsLine) { EXPECT_EQ(wrapped("note: ", "all is well", 6), "note: all is well\n"); }

TEST(Wrap, LaterLinesStandBehindTheMargin) {
    const std::string word(30, 'x');
    EXPECT_EQ(wrapped("a: ", word + " " + word + " " + word, 2), "a: " + word + " " + word + "\n  " + word + "\n");
}

TEST(Wrap, TheLastColumnIsUsed) {
    const std::string text = std::string(40, 'x') + " " + std::string(39, 'y');
    EXPECT_EQ(wrapped("", text, 0), text + "\n");
    EXPECT_EQ(wrapped("", text + "y", 0), std::string(40, 'x') + "\n" + std::string(40, 'y') + "\n");
}

TEST(Wrap, ALongWordKeepsALineOfItsOwn) {
    const std::string word(100, 'x');
    EXPECT_EQ(wrapped("- ", "a " + word + " b", 2), "- a\n  " + word + "\n  b\n");
}

}  // namespace
}  // namespace lf
