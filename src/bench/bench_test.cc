// SPDX-License-Identifier: MIT
#include "bench/bench.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "bench/fake_bench.h"

namespace lf::bench {
namespace {

using ::testing::ElementsAre;
using testing::FakeBench;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::World;

std::vector<std::string> warning_ids(const BenchResult& result) {
    std::vector<std::string> ids;
    for (const Warning& warning : result.warnings) ids.push_back(warning.id);
    return ids;
}
std::vector<std::string> order(const FakeBench& fake) {
    std::vector<std::string> variants;
    for (const Command& command : fake.commands)
        variants.push_back(std::filesystem::path(command.directory).filename().string());
    return variants;
}
BenchResult saved(const World& world) {
    const std::string text = read_file(world.request.result_file).value();
    return from_json(text, "result.json").value();
}

TEST(Bench, comparesInTurnAndSavesTheResult) {
    World world;
    FakeBench fake;
    world.request.repeats = 3;
    const auto result = run_bench(world.request, fake, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(order(fake), ElementsAre("x64", "zen4", "zen4", "x64", "x64", "zen4"));
    EXPECT_TRUE(result->complete);
    EXPECT_THAT(result->warnings, IsEmpty());
    ASSERT_EQ(result->comparisons.size(), 2U);
    EXPECT_DOUBLE_EQ(result->comparisons[0].ratio.mean, 14);
    EXPECT_EQ(result->comparisons[0].verdict, Verdict::faster);
    EXPECT_DOUBLE_EQ(result->comparisons[1].ratio.mean, 5);
    EXPECT_EQ(result->comparisons[1].pairs, 3);
    EXPECT_EQ(result->build.number, 11669);
    EXPECT_EQ(result->build.packages.at("llama.cpp-tools"), "1:0.7.0+dfsg-2");
    EXPECT_FALSE(result->build.packages.contains("zlib1g"));
    EXPECT_EQ(saved(world), *result);
}

TEST(Bench, leavesNothingInTheScratchFolder) {
    World world;
    FakeBench fake;
    ASSERT_TRUE(run_bench(world.request, fake, {}));
    for (const auto& entry : std::filesystem::directory_iterator(world.folder.path()))
        EXPECT_THAT(entry.path().filename().string(), ::testing::Not(::testing::StartsWith("bench-")));
}

TEST(Bench, tellsWhatItIsDoing) {
    World world;
    FakeBench fake;
    world.request.repeats = 3;
    std::vector<Progress> seen;
    ASSERT_TRUE(run_bench(world.request, fake, [&](const Progress& progress) { seen.push_back(progress); }));
    ASSERT_EQ(seen.size(), 6U);
    EXPECT_EQ(seen[3].run, 4);
    EXPECT_EQ(seen[3].runs, 6);
    EXPECT_EQ(seen[3].repeat, 2);
    EXPECT_EQ(seen[3].candidate, "official-default");
    EXPECT_DOUBLE_EQ(seen[3].seconds, 3);
}

TEST(Bench, comparedWithItselfIsNeitherFasterNorSlower) {
    World world;
    world.request.candidates = default_candidates("x64");
    FakeBench fake;
    fake.speeds = [](const std::string&, int run) {
        const double noise = 1 + 0.05 * ((run * 7) % 5 - 2);
        return FakeBench::Speeds{40 * noise, 25 / noise};
    };
    const auto result = run_bench(world.request, fake, {});
    ASSERT_TRUE(result);
    for (const Comparison& comparison : result->comparisons) {
        EXPECT_EQ(comparison.verdict, Verdict::cannot_tell);
        EXPECT_LE(comparison.ratio.low, 1);
        EXPECT_GE(comparison.ratio.high, 1);
    }
    EXPECT_THAT(result->candidates[1].description, HasSubstr("itself"));
}

TEST(Bench, stopsWhenTheBudgetIsSpentButNotBeforeThreeRepeats) {
    for (const auto& [seconds, runs] : {std::pair{1.0, 10}, {12.0, 8}, {60.0, 6}}) {
        World world;
        FakeBench fake;
        fake.seconds = seconds;
        const auto result = run_bench(world.request, fake, {});
        ASSERT_TRUE(result);
        EXPECT_EQ(fake.commands.size(), static_cast<std::size_t>(runs)) << seconds;
        EXPECT_TRUE(result->complete);
        EXPECT_EQ(warning_ids(*result).size(), runs < 10 ? 1U : 0U) << seconds;
    }
}

TEST(Bench, aSlowMachineGetsShorterRuns) {
    World world;
    FakeBench fake;
    fake.speeds = [](const std::string&, int) { return FakeBench::Speeds{8, 0.9}; };
    const auto result = run_bench(world.request, fake, {});
    ASSERT_TRUE(result);
    // 2·64/8 + 16/0.9 = 33.8 s a run, six of them 203 s; half of that is 101 s, a quarter 51 s.
    EXPECT_EQ(result->prompt_tokens, 16);
    EXPECT_EQ(result->generated_tokens, 4);
    EXPECT_THAT(warning_ids(*result), ElementsAre("short-runs"));
    EXPECT_THAT(result->warnings[0].text, HasSubstr("16 and 4 tokens instead of 64 and 16"));
    EXPECT_EQ(result->samples.size(), 20U);
    EXPECT_THAT(result->commands[0], HasSubstr("-p 16 -n 4"));
}

TEST(Bench, whatGoesWrongInTheTrialIsToldByTheFirstRun) {
    World world;
    FakeBench fake;
    fake.change_trial = true;
    fake.change = [](const std::string&, int run, Finished finished) -> Result<Finished> {
        if (run == 0) finished.out = "rubbish";
        return finished;
    };
    EXPECT_EQ(run_bench(world.request, fake, {}).error().id, "bench-output");
    fake.change = [](const std::string&, int, Finished) -> Result<Finished> {
        return fail(world_error("interrupted", "interrupted"));
    };
    const auto result = run_bench(world.request, fake, {});
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->complete);
    EXPECT_THAT(warning_ids(*result), ElementsAre("interrupted"));
    EXPECT_EQ(saved(world), *result);
}

TEST(Bench, anIllegalInstructionIsAFinding) {
    World world;
    FakeBench fake;
    fake.change = [](const std::string& variant, int, Finished finished) -> Result<Finished> {
        if (variant == "zen4") finished = {.exit_code = 132, .signal = 4, .out = {}, .err = {}, .seconds = 1};
        return finished;
    };
    const auto result = run_bench(world.request, fake, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(warning_ids(*result), ElementsAre("sigill"));
    EXPECT_THAT(result->warnings[0].text, HasSubstr("zen4"));
    EXPECT_EQ(fake.commands.size(), 6U);  // five of the baseline, one of the plan
    EXPECT_THAT(result->comparisons, IsEmpty());
    EXPECT_EQ(result->summaries.size(), 2U);
}

TEST(Bench, anInterruptionKeepsWhatWasMeasured) {
    World world;
    FakeBench fake;
    fake.change = [](const std::string&, int run, Finished finished) -> Result<Finished> {
        if (run == 4) return fail(world_error("interrupted", "interrupted"));
        return finished;
    };
    const auto result = run_bench(world.request, fake, {});
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->complete);
    EXPECT_EQ(result->samples.size(), 8U);
    EXPECT_THAT(warning_ids(*result), ElementsAre("interrupted", "few-repeats"));
    EXPECT_EQ(saved(world), *result);
}

TEST(Bench, anErrorLeavesTheResultFileWithWhatWasMeasured) {
    World world;
    FakeBench fake;
    fake.change = [](const std::string&, int run, Finished finished) -> Result<Finished> {
        if (run == 3) finished = {.exit_code = 1, .signal = 0, .out = {}, .err = "out of memory\n", .seconds = 1};
        return finished;
    };
    const auto result = run_bench(world.request, fake, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "bench-crash");
    EXPECT_THAT(result.error().message, HasSubstr("out of memory"));
    EXPECT_EQ(saved(world).samples.size(), 6U);
    EXPECT_FALSE(saved(world).complete);
}

struct Failure {
    const char* what;
    std::function<void(Finished&)> change;
    const char* id;
};
TEST(Bench, whatGoesWrongHasItsOwnError) {
    const Failure failures[] = {
        {"crash", [](Finished& f) { f.exit_code = 139, f.signal = 11; }, "bench-crash"},
        {"rubbish", [](Finished& f) { f.out = "\x1b[2Jnot json"; }, "bench-output"},
        {"nothing", [](Finished& f) { f.out = ""; }, "bench-output"},
        {"cut off", [](Finished& f) { f.out.resize(f.out.size() / 2); }, "bench-output"},
        {"another test", [](Finished& f) { f.out = "[" + testing::test_json(65, 0, 3) + "]"; }, "bench-output"},
        {"one test", [](Finished& f) { f.out = "[" + testing::test_json(64, 0, 3) + "]"; }, "bench-output"},
        {"the same test twice",
         [](Finished& f) { f.out = "[" + testing::test_json(64, 0, 3) + "," + testing::test_json(64, 0, 3) + "]"; },
         "bench-output"},
        {"no variant", [](Finished& f) { f.err = ""; }, "bench-variant"},
        {"two variants",
         [](Finished& f) { f.err += "load_backend: loaded CPU backend from /x/libggml-cpu-haswell.so\n"; },
         "bench-variant"},
    };
    for (const Failure& failure : failures) {
        World world;
        FakeBench fake;
        fake.change = [&](const std::string&, int, Finished finished) -> Result<Finished> {
            failure.change(finished);
            return finished;
        };
        const auto result = run_bench(world.request, fake, {});
        ASSERT_FALSE(result) << failure.what;
        EXPECT_EQ(result.error().id, failure.id) << failure.what;
        EXPECT_EQ(result.error().message.find('\x1b'), std::string::npos);
    }
}

TEST(Bench, refusesWhatCannotBeMeasured) {
    FakeBench fake;
    {
        World world;
        world.request.candidates = default_candidates("zen5");
        const auto result = run_bench(world.request, fake, {});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().id, "bench-variant");
        EXPECT_THAT(result.error().hint, HasSubstr("zen4"));
    }
    {
        World world;
        world.request.candidates = default_candidates("../../evil");
        EXPECT_EQ(run_bench(world.request, fake, {}).error().id, "bench-variant");
    }
    {
        World world;
        world.folder.write("text", "no model");
        world.request.model = world.folder / "text";
        const auto result = run_bench(world.request, fake, {});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().id, "bench-model");
        EXPECT_EQ(result.error().where.file, world.folder / "text");
    }
    {
        World world;
        world.request.candidates.clear();
        EXPECT_EQ(run_bench(world.request, fake, {}).error().kind, ErrorKind::usage);
    }
    EXPECT_THAT(fake.commands, IsEmpty());
}

TEST(Bench, hidesTheMachinesOwnBackends) {
    World world;
    world.folder.write(std::string("machine") + testing::kBackends + "/libggml-cpu-zen4.so", "");
    FakeBench fake;
    ASSERT_TRUE(run_bench(world.request, fake, {}));
    EXPECT_EQ(fake.commands[0].argv[0], "unshare");
    EXPECT_THAT(fake.commands[0].argv, ::testing::Contains(testing::kBackends));
}

/// A shell script where the packages have their loader: real processes, real signals.
TEST(Bench, withRealProcesses) {
    const std::string loader = "sid/root/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2";
    const std::string good =
        "#!/bin/sh\nfor f in libggml-cpu-*.so; do echo \"load_backend: loaded CPU backend from "
        "$PWD/$f\" >&2; done\nprintf '%s' '[" +
        testing::test_json(64, 0, 40) + "," + testing::test_json(0, 16, 20) + "]'\n";
    RealProcesses processes;
    World world;
    world.request.repeats = 1;
    world.request.run_limit = std::chrono::seconds(1);
    world.folder.write(loader, good, true);
    const auto result = run_bench(world.request, processes, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->samples.size(), 4U);

    world.folder.write(loader, "#!/bin/sh\nkill -ILL $$\n", true);
    const auto illegal = run_bench(world.request, processes, {});
    ASSERT_TRUE(illegal) << illegal.error().message;
    EXPECT_THAT(warning_ids(*illegal), ElementsAre("sigill", "sigill"));

    world.folder.write(loader, "#!/bin/sh\nsleep 100\n", true);
    const auto hanging = run_bench(world.request, processes, {});
    ASSERT_FALSE(hanging);
    EXPECT_EQ(hanging.error().id, "bench-timeout");
    EXPECT_THAT(hanging.error().message, HasSubstr("1 second"));

    world.folder.write(loader, "#!/bin/sh\nyes\n", true);
    const auto endless = run_bench(world.request, processes, {});
    ASSERT_FALSE(endless);
    EXPECT_EQ(endless.error().id, "program-output-limit");
}

}  // namespace
}  // namespace lf::bench
