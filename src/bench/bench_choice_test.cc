// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>

#include "base/files.h"
#include "bench/bench.h"
#include "bench/fake_bench.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using testing::FakeBench;
using ::testing::HasSubstr;
using testing::Interrupting;
using testing::saved;
using testing::World;

TEST(Choice, findsTheFastestAndTellsHowToRunIt) {
    World world;
    world.fake.speeds = [](const FakeBench::Call& call) {
        const double noise = 1 + 0.004 * ((call.number * 7) % 5 - 2);
        if (call.variant == "x64") return FakeBench::Speeds{40 * noise, 25 * noise};
        if (call.variant == "haswell") return FakeBench::Speeds{300 * noise, 150 * noise};
        return FakeBench::Speeds{560 * noise, 125 * noise};
    };
    world.request.budget_seconds = 180;
    const auto result = run_choice(world.request, {0, 1, {}}, {}, world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_TRUE(result->choice);
    EXPECT_EQ(result->choice->cpu_variant, "haswell");
    EXPECT_EQ(result->choice->default_variant, "zen4");
    EXPECT_EQ(result->choice->verdict, "faster");
    EXPECT_EQ(result->choice->backend, "cpu");
    EXPECT_THAT(result->choice->backends, ElementsAre("cpu"));
    ASSERT_TRUE(result->choice->generation);
    EXPECT_NEAR(result->choice->generation->mean, 1.2, 0.02);
    EXPECT_EQ(result->choice->cpu, "AMD EPYC");
    EXPECT_THAT(result->choice->revision, HasSubstr("build 11669"));
    EXPECT_FALSE(result->rungs.empty());
    EXPECT_EQ(saved(world), *result);

    const auto prompts = run_choice(world.request, {1, 0, {}}, {}, world.fake, {});
    ASSERT_TRUE(prompts) << prompts.error().message;
    EXPECT_EQ(prompts->choice->cpu_variant, "zen4");
}

TEST(Choice, canBeTakenUpWhereItWasBrokenOff) {
    World whole;
    whole.request.budget_seconds = 180;
    const auto at_once = run_choice(whole.request, {0.5, 0.5, {}}, {}, whole.fake, {});
    ASSERT_TRUE(at_once);
    const int runs = static_cast<int>(whole.fake.calls.size());
    World world;
    world.request.budget_seconds = 180;
    world.fake.change = Interrupting{runs / 2};
    const auto half = run_choice(world.request, {0.5, 0.5, {}}, {}, world.fake, {});
    ASSERT_TRUE(half) << half.error().message;
    EXPECT_FALSE(half->complete);
    EXPECT_FALSE(half->choice);
    world.fake.change = {};
    world.request.resume = true;
    const auto rest = run_choice(world.request, {0.5, 0.5, {}}, {}, world.fake, {});
    ASSERT_TRUE(rest) << rest.error().message;
    EXPECT_EQ(rest->runs.size(), at_once->runs.size());
    EXPECT_EQ(rest->choice, at_once->choice);
}

TEST(Choice, isNoneWhereNothingCouldBeMeasured) {
    World world;
    world.folder.write("result.json", "an earlier result");
    world.fake.change = [](const FakeBench::Call&, Finished finished) -> Result<Finished> {
        finished.out = "rubbish";
        return finished;
    };
    const auto result = run_choice(world.request, {0.5, 0.5, {}}, {}, world.fake, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "bench-no-choice");
    EXPECT_THAT(result.error().message, HasSubstr("no candidate could be measured"));
    EXPECT_EQ(read_file(world.request.result_file), "an earlier result");
    EXPECT_FALSE(saved(world, ".unfinished").choice);
}

TEST(Choice, oneDisturbedRunOfTheDefaultDoesNotEndIt) {
    World world;
    world.fake.change = [](const FakeBench::Call& call, Finished finished) -> Result<Finished> {
        // The default's second run hangs until it is ended.
        static int of_default;
        if (call.number == 0) of_default = 0;
        if (call.variant.empty() && ++of_default == 3) return fail(world_error("program-timeout", "not done in time"));
        return finished;
    };
    const auto result = run_choice(world.request, {0.5, 0.5, {}}, {}, world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_TRUE(result->choice);
    EXPECT_EQ(result->choice->candidate, "dispatch");
}

TEST(Choice, namesTheDeviceWhereLlamaCppWouldTakeAnother) {
    World world;
    world.request.builds[0].backends = {"vulkan"};
    world.fake.speeds = [](const FakeBench::Call& call) {
        const bool gpu = call.device != "none" && call.variant.empty();
        return gpu ? FakeBench::Speeds{40, 25} : FakeBench::Speeds{560, 125};
    };
    const auto result = run_choice(world.request, {0.5, 0.5, {}}, {"Vulkan0"}, world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_TRUE(result->choice);
    EXPECT_EQ(result->choice->backend, "cpu");
    EXPECT_THAT(result->choice->server_arguments, ::testing::IsSupersetOf({"--device", "none"}));
}

}  // namespace
}  // namespace lf::bench
