// SPDX-License-Identifier: MIT
#include "bench/effort.h"

#include <gtest/gtest.h>

#include <vector>

namespace lf::bench {
namespace {

TEST(Effort, theCostIsReadFromARun) {
    // 2 × 16 tokens at 32 a second, 4 at 8 a second, half a second to start.
    const Cost cost = cost_of({16, 4, 1, 0}, {{32}, {8}, 2.0, {}, {}});
    EXPECT_NEAR(cost.start_seconds, 0.5, 1e-9);
    EXPECT_NEAR(seconds_of({16, 4, 1, 0}, cost), 2, 1e-9);
    EXPECT_NEAR(seconds_of({32, 8, 2, 0}, cost), 0.5 + 3 + 2, 1e-9);
}

TEST(Effort, aRunIsAsShortAsItMayBe) {
    const std::vector<Cost> fast = {{0.2, 1 / 700.0, 1 / 150.0}, {0.2, 1 / 700.0, 1 / 150.0}};
    EXPECT_EQ(fitting({128, 32, 0, 0}, fast, 3, 150), (Effort{64, 16, 1, 0}));
    const std::vector<Cost> slow = {{1, 1 / 6.0, 1 / 3.0}};
    EXPECT_EQ(fitting({128, 32, 0, 0}, slow, 3, 150), (Effort{32, 8, 1, 0}));
    EXPECT_EQ(fitting({128, 32, 0, 0}, slow, 3, 1), (Effort{8, 2, 1, 0}));
}

TEST(Effort, whereStartingTakesLongRunsAreRepeated) {
    const std::vector<Cost> gpu = {{2, 1 / 20000.0, 1 / 400.0}};
    const Effort effort = fitting({512, 32, 0, 0}, gpu, 3, 300);
    EXPECT_EQ(effort.prompt_tokens, 512);
    EXPECT_EQ(effort.repetitions, 9);
    EXPECT_EQ(fitting({512, 32, 1, 0}, gpu, 3, 300).repetitions, 1);
}

TEST(Effort, aTestThatWasNotAskedForStaysOut) {
    EXPECT_EQ(trial_of({128, 0, 5, 7}), (Effort{16, 0, 1, 7}));
    EXPECT_EQ(fitting({0, 32, 1, 0}, std::vector<Cost>{{1, 0, 1}}, 3, 1).prompt_tokens, 0);
}

TEST(Effort, theSpeedOfARunIsTheTypicalOne) {
    EXPECT_DOUBLE_EQ(*speed_of({{100, 100, 100, 100, 7}, {}, 1, {}, {}}, bench::TestKind::prompt), 100);
    EXPECT_FALSE(speed_of({{100}, {}, 1, {}, {}}, bench::TestKind::generation));
    EXPECT_FALSE(speed_of({{100, 0}, {}, 1, {}, {}}, bench::TestKind::prompt));
}

}  // namespace
}  // namespace lf::bench
