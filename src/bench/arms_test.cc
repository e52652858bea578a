// SPDX-License-Identifier: MIT
#include "bench/arms.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lf::bench {
namespace {

TEST(Arms, theDefaultComesFirstAndChangesNothing) {
    const auto arms = first_arms({{}, {"x64", "zen4"}, {}, 2, 2});
    ASSERT_EQ(arms.size(), 3U);
    EXPECT_EQ(arms[0], Arm{});
    EXPECT_EQ(describe(arms[0]), "default (run-time dispatch)");
    EXPECT_EQ(describe(arms[2]), "zen4");
}

TEST(Arms, withADeviceTheVariantsRunOnTheCpuAlone) {
    const auto arms = first_arms({{}, {"zen4"}, {"CUDA0", "Vulkan0"}, 8, 16});
    std::vector<std::string> names;
    for (const Arm& arm : arms) names.push_back(describe(arm));
    EXPECT_EQ(names, (std::vector<std::string>{"default (run-time dispatch)", "CPU alone", "zen4, CPU alone", "CUDA0",
                                               "Vulkan0"}));
}

TEST(Arms, everyBuildHasItsOwn) {
    const auto arms = first_arms({{"distribution", "native"}, {}, {}, 2, 2});
    ASSERT_EQ(arms.size(), 2U);
    EXPECT_EQ(arms[1].build, "native");
    EXPECT_EQ(describe(arms[1]), "native, run-time dispatch");
}

TEST(Arms, threadCountsAreFewAndEachOnce) {
    EXPECT_EQ(thread_counts(1, 1), (std::vector<int>{1}));
    EXPECT_EQ(thread_counts(2, 2), (std::vector<int>{1, 2}));
    EXPECT_EQ(thread_counts(8, 16), (std::vector<int>{4, 7, 8, 16}));
    EXPECT_EQ(thread_counts(64, 128), (std::vector<int>{32, 63, 64, 128}));
}

TEST(Arms, aBatchThatHoldsThePromptIsNoChoice) {
    EXPECT_TRUE(ubatch_sizes(64).empty());
    EXPECT_EQ(ubatch_sizes(512), (std::vector<int>{128, 256}));
    EXPECT_EQ(ubatch_sizes(1024), (std::vector<int>{128, 256, 512, 1024}));
}

TEST(Arms, neighboursChangeOneParameter) {
    const Machine machine{{}, {"zen4"}, {"CUDA0"}, 8, 16};
    const Arm cpu{"", "zen4", "none", 0, 0, ""};
    const auto arms = neighbours(cpu, machine, 512);
    EXPECT_EQ(arms.size(), 3U + 2U + 2U);  // threads 4, 7, 16; flash attention; ubatch 128, 256
    for (const Arm& arm : arms) {
        const int changed = (arm.threads != cpu.threads ? 1 : 0) + (arm.ubatch != cpu.ubatch ? 1 : 0) +
                            (arm.flash_attention != cpu.flash_attention ? 1 : 0);
        EXPECT_EQ(changed, 1) << describe(arm);
    }
    // On a device threads hardly matter.
    for (const Arm& arm : neighbours({"", std::nullopt, "CUDA0", 0, 0, ""}, machine, 512)) EXPECT_EQ(arm.threads, 0);
}

}  // namespace
}  // namespace lf::bench
