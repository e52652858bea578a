// SPDX-License-Identifier: MIT
#include "plan/builds.h"

#include <gtest/gtest.h>

namespace lf::plan {
namespace {

TEST(Builds, tags_are_build_numbers) {
    EXPECT_EQ(build_number("b7779"), 7779U);
    EXPECT_EQ(build_number("b1"), 1U);
    for (const char* other : {"", "b", "7779", "b77x", "B7779", "b 1", "b-1", "b12345678", "master"})
        EXPECT_FALSE(build_number(other)) << other;
}

TEST(Builds, an_option_is_told_where_both_neighbours_agree) {
    // Since ggml 0.9.5, which came between b7097 and b7779.
    EXPECT_EQ(find_option_of_build("GGML_HEXAGON", 7045).standing, OptionStanding::not_yet);
    EXPECT_EQ(find_option_of_build("GGML_HEXAGON", 7060).standing, OptionStanding::not_yet);
    EXPECT_EQ(find_option_of_build("GGML_HEXAGON", 7779).standing, OptionStanding::there);
    EXPECT_EQ(find_option_of_build("GGML_HEXAGON", 9000).standing, OptionStanding::there);
    const OptionAt between = find_option_of_build("GGML_HEXAGON", 7500);
    EXPECT_EQ(between.standing, OptionStanding::cannot_tell);
    EXPECT_EQ(between.why, "b7500 has a ggml from 0.9.4 to 0.9.5, which differ in it");
    EXPECT_EQ(find_option_of_build("GGML_AVX2", 7500).standing, OptionStanding::there);
}

TEST(Builds, outside_the_table_nothing_is_told) {
    for (const std::uint32_t build : {0U, 7044U, 10104U, 999999U}) {
        EXPECT_EQ(find_option_of_build("GGML_AVX2", build).standing, OptionStanding::cannot_tell) << build;
        EXPECT_FALSE(find_option_of_build("GGML_AVX2", build).why.empty());
    }
}

TEST(Builds, what_changes_between_two) {
    const BuildChange forward = changes_between(7045, 7779);
    EXPECT_NE(std::find(forward.added.begin(), forward.added.end(), "GGML_HEXAGON"), forward.added.end());
    EXPECT_TRUE(forward.unknown.empty());
    const BuildChange back = changes_between(7779, 7045);
    EXPECT_EQ(back.removed, forward.added);
    EXPECT_EQ(back.added, forward.removed);
    EXPECT_TRUE(changes_between(7779, 7779).added.empty());
    EXPECT_FALSE(changes_between(7779, 11000).unknown.empty());
}

}  // namespace
}  // namespace lf::plan
