// SPDX-License-Identifier: MIT
#include "bench/bench.h"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "base/files.h"
#include "bench/candidates.h"
#include "bench/fake_bench.h"

namespace lf::bench {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::FakeBench;
using ::testing::HasSubstr;
using testing::Interrupting;
using ::testing::IsEmpty;
using testing::saved;
using testing::World;

std::vector<Candidate> three(const World& world) {
    return default_candidates(world.request.builds.front(), "haswell", "zen4");
}

std::vector<std::string> warning_ids(const BenchResult& result) {
    std::vector<std::string> ids;
    for (const Warning& warning : result.warnings) ids.push_back(warning.id);
    return ids;
}
const Comparison* find(const BenchResult& result, const std::string& candidate, TestKind kind) {
    for (const Comparison& comparison : result.comparisons)
        if (comparison.candidate == candidate && comparison.test.kind == kind) return &comparison;
    return nullptr;
}

TEST(Bench, comparesInTurnAndSavesTheResult) {
    World world;
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->complete);
    ASSERT_EQ(result->candidates.size(), 3U);
    EXPECT_EQ(result->candidates[0].name, "official-default");
    const Comparison* dispatch = find(*result, "dispatch", TestKind::prompt);
    ASSERT_NE(dispatch, nullptr);
    EXPECT_NEAR(dispatch->ratio.mean, 14, 1e-9);
    EXPECT_EQ(dispatch->verdict, Verdict::faster);
    EXPECT_EQ(dispatch->baseline, "official-default");
    const Comparison* plan = find(*result, "plan", TestKind::generation);
    ASSERT_NE(plan, nullptr);
    EXPECT_NEAR(plan->ratio.mean, 5, 1e-9);
    EXPECT_GE(plan->pairs, 3);
    EXPECT_EQ(result->builds[0].number, 11669);
    EXPECT_EQ(result->builds[0].packages.at("llama.cpp-tools"), "1:0.7.0+dfsg-2");
    EXPECT_FALSE(result->builds[0].packages.contains("zlib1g"));
    EXPECT_EQ(result->runs.size(), world.fake.calls.size());
    EXPECT_EQ(saved(world), *result);
}

TEST(Bench, everyRunIsWrittenDownBeforeTheNextBegins) {
    World world;
    std::vector<std::size_t> seen;
    world.fake.change = [&](const FakeBench::Call&, Finished finished) -> Result<Finished> {
        EXPECT_FALSE(std::filesystem::exists(world.request.result_file));
        seen.push_back(saved(world, ".unfinished").runs.size());
        return finished;
    };
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
    EXPECT_FALSE(std::filesystem::exists(world.request.result_file + ".unfinished"));
    EXPECT_GT(seen.size(), 9U);
}

TEST(Bench, theSameSeedRunsInTheSameOrder) {
    const auto order = [](std::uint64_t seed) {
        World world;
        world.request.seed = seed;
        EXPECT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
        std::vector<std::string> variants;
        for (const auto& call : world.fake.calls) variants.push_back(call.variant);
        return variants;
    };
    EXPECT_EQ(order(1), order(1));
    EXPECT_NE(order(1), order(7));
}

TEST(Bench, tellsWhatItIsDoing) {
    World world;
    std::vector<Progress> seen;
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, [&](const Progress& p) { seen.push_back(p); }));
    ASSERT_EQ(seen.size(), world.fake.calls.size());
    EXPECT_EQ(seen.front().runs_done, 0);
    EXPECT_EQ(seen.back().phase, "measure");
    EXPECT_GT(seen.back().seconds_spent, seen.front().seconds_spent);
    EXPECT_LE(seen.back().seconds_left, world.request.budget_seconds);
}

TEST(Bench, theBudgetIsKept) {
    for (const double budget : {20.0, 60.0, 200.0}) {
        World world;
        world.request.budget_seconds = budget;
        world.fake.speeds = [](const FakeBench::Call& call) {
            const double noise = 1 + 0.03 * ((call.number * 7) % 5 - 2);
            return FakeBench::Speeds{40 * noise, 25 / noise};
        };
        const double began = world.fake.now;
        const auto result = run_comparison(world.request, three(world), world.fake, {});
        ASSERT_TRUE(result);
        EXPECT_LE(world.fake.now - began, budget * 1.01) << budget;
        EXPECT_TRUE(result->complete);
    }
}

TEST(Bench, comparedWithItselfIsNeitherFasterNorSlower) {
    World world;
    auto candidates = three(world);
    candidates.resize(2);
    candidates[1] = candidates[0];
    candidates[1].name = "again";
    world.fake.speeds = [](const FakeBench::Call& call) {
        const double noise = 1 + 0.05 * ((call.number * 7) % 5 - 2);
        return FakeBench::Speeds{400 * noise, 25 / noise};
    };
    const auto result = run_comparison(world.request, candidates, world.fake, {});
    ASSERT_TRUE(result);
    ASSERT_EQ(result->comparisons.size(), 2U);
    for (const Comparison& comparison : result->comparisons) EXPECT_EQ(comparison.verdict, Verdict::cannot_tell);
}

TEST(Bench, depthsAreMeasuredApart) {
    World world;
    world.request.depths = {0, 4096};
    world.request.budget_seconds = 600;
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_TRUE(result);
    std::vector<std::string> tests;
    for (const Summary& summary : result->summaries)
        if (summary.candidate == "plan") tests.push_back(name_of(summary.test));
    ASSERT_EQ(tests.size(), 4U);
    EXPECT_THAT(tests, ::testing::UnorderedElementsAre(
                           ::testing::MatchesRegex("pp[0-9]+"), ::testing::MatchesRegex("pp[0-9]+ @ d4096"),
                           ::testing::MatchesRegex("tg[0-9]+"), ::testing::MatchesRegex("tg[0-9]+ @ d4096")));
}

TEST(Bench, aCandidateThatCannotRunIsAFinding) {
    World world;
    world.fake.change = [](const FakeBench::Call& call, Finished finished) -> Result<Finished> {
        if (call.variant != "haswell") return finished;
        finished.signal = SIGILL;
        finished.exit_code = 128 + SIGILL;
        return finished;
    };
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    ASSERT_EQ(result->findings.size(), 1U);
    EXPECT_EQ(result->findings[0].candidate, "plan");
    EXPECT_EQ(result->findings[0].id, "sigill");
    EXPECT_THAT(result->findings[0].text, HasSubstr("instructions that this CPU lacks"));
    EXPECT_EQ(find(*result, "plan", TestKind::prompt), nullptr);
    EXPECT_NE(find(*result, "dispatch", TestKind::prompt), nullptr);
}

TEST(Bench, whereTheFirstCannotRunTheOthersAreComparedWithTheNext) {
    World world;
    world.fake.change = [](const FakeBench::Call& call, Finished finished) -> Result<Finished> {
        if (call.variant == "x64") finished.signal = SIGILL;
        return finished;
    };
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_TRUE(result->complete);
    EXPECT_THAT(warning_ids(*result), Contains("baseline"));
    const Comparison* plan = find(*result, "plan", TestKind::prompt);
    ASSERT_NE(plan, nullptr);
    EXPECT_EQ(plan->baseline, "dispatch");
    EXPECT_EQ(result->findings.size(), 1U);
}

TEST(Bench, whereNothingRunsThatIsTheAnswer) {
    World world;
    world.fake.change = [](const FakeBench::Call&, Finished finished) -> Result<Finished> {
        finished.out = "rubbish";
        return finished;
    };
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().id, "bench-nothing-runs");
    EXPECT_EQ(saved(world, ".unfinished").findings.size(), 3U);
    EXPECT_FALSE(std::filesystem::exists(world.request.result_file));
}

TEST(Bench, anInterruptionKeepsWhatWasMeasuredAndResumeGoesOn) {
    World whole;
    const auto at_once = run_comparison(whole.request, three(whole), whole.fake, {});
    ASSERT_TRUE(at_once);
    const int runs = static_cast<int>(whole.fake.calls.size());
    ASSERT_GT(runs, 8);
    for (const int after : {0, 1, 5, runs - 1}) {
        World world;
        world.fake.change = Interrupting{after};
        const auto half = run_comparison(world.request, three(world), world.fake, {});
        ASSERT_TRUE(half);
        EXPECT_FALSE(half->complete);
        EXPECT_THAT(warning_ids(*half), Contains("interrupted"));
        EXPECT_EQ(half->runs.size(), static_cast<std::size_t>(after));

        world.fake.change = [&](const FakeBench::Call& call, Finished finished) -> Result<Finished> {
            // Killed here, nothing of the first sitting would be lost.
            if (call.number == 0) {
                EXPECT_GE(saved(world, ".unfinished").runs.size(), static_cast<std::size_t>(after));
            }
            return finished;
        };
        world.fake.calls.clear();
        world.fake.now += 5000;  // a night
        world.request.resume = true;
        auto rest = run_comparison(world.request, three(world), world.fake, {});
        ASSERT_TRUE(rest) << rest.error().message;
        EXPECT_EQ(world.fake.calls.size(), static_cast<std::size_t>(runs - after));
        ASSERT_EQ(rest->runs.size(), at_once->runs.size());
        for (std::size_t i = 0; i < rest->runs.size(); ++i) {
            EXPECT_EQ(rest->runs[i].candidate, at_once->runs[i].candidate) << i;
            EXPECT_EQ(rest->runs[i].speeds, at_once->runs[i].speeds) << i;
            EXPECT_NEAR(rest->runs[i].at, at_once->runs[i].at, 1e-6) << i;
            EXPECT_NEAR(rest->runs[i].seconds, at_once->runs[i].seconds, 1e-6) << i;
        }
        EXPECT_EQ(rest->comparisons, at_once->comparisons);
        EXPECT_EQ(rest->builds, at_once->builds);
        EXPECT_TRUE(rest->complete);
    }
}

TEST(Bench, resumeRefusesAnotherMeasurement) {
    World world;
    world.request.resume = true;
    EXPECT_EQ(run_comparison(world.request, three(world), world.fake, {}).error().id, "bench-resume");
    world.request.resume = false;
    world.fake.change = Interrupting{4};
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    world.request.resume = true;
    const auto refused = [&](auto spoil) {
        BenchRequest other = world.request;
        spoil(other);
        const auto result = run_comparison(other, three(world), world.fake, {});
        return !result && result.error().id == "bench-resume";
    };
    EXPECT_TRUE(refused([](BenchRequest& r) { r.seed = 2; }));
    EXPECT_TRUE(refused([](BenchRequest& r) { r.host = "boron"; }));
    EXPECT_TRUE(refused([](BenchRequest& r) { r.model_description = "another"; }));
    EXPECT_TRUE(refused([](BenchRequest& r) { r.builds[0].packages["libggml0"] = "0.28.0-1"; }));
    EXPECT_TRUE(refused([](BenchRequest& r) { r.prompt_tokens = 64; }));
    EXPECT_TRUE(refused([](BenchRequest& r) { r.depths = {0, 512}; }));
    EXPECT_EQ(run_choice(world.request, {0, 1, {}}, {}, world.fake, {}).error().id, "bench-resume");
    EXPECT_EQ(saved(world, ".unfinished").runs.size(), 4U);
    auto other = three(world);
    other.pop_back();
    EXPECT_EQ(run_comparison(world.request, other, world.fake, {}).error().id, "bench-resume");
    world.fake.change = {};
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    EXPECT_EQ(run_comparison(world.request, three(world), world.fake, {}).error().id, "bench-resume");  // finished
}

TEST(Bench, aWholeResultStaysUntilTheNextIsWhole) {
    World world;
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    const BenchResult before = saved(world);
    world.fake.change = Interrupting{static_cast<int>(world.fake.calls.size()) + 3};
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    EXPECT_EQ(saved(world), before);
    EXPECT_EQ(saved(world, ".unfinished").runs.size(), 3U);
}

TEST(Bench, anUnfinishedResultIsMovedAsideNotOverwritten) {
    World world;
    world.fake.change = Interrupting{4};
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    world.fake.change = {};
    ASSERT_TRUE(run_comparison(world.request, three(world), world.fake, {}));
    EXPECT_EQ(saved(world, ".unfinished.before").runs.size(), 4U);
    EXPECT_TRUE(saved(world).complete);
}

TEST(Bench, aFolderThatCannotBeWrittenIsToldBeforeAnythingRuns) {
    World world;
    world.request.result_file = world.folder / "nowhere/result.json";
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_FALSE(result);
    EXPECT_THAT(world.fake.calls, IsEmpty());
}

TEST(Bench, aDiskThatFillsUpLeavesWhatWasWritten) {
    World world;
    world.fake.change = [&](const FakeBench::Call& call, Finished finished) -> Result<Finished> {
        // A folder in the place of the file: from now on nothing can be written there.
        if (call.number == 5) {
            std::filesystem::rename(world.request.result_file + ".unfinished", world.folder / "kept.json");
            std::filesystem::create_directory(world.request.result_file + ".unfinished");
        }
        return finished;
    };
    const auto result = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().id, HasSubstr("file-"));
    const auto kept = from_json(read_file(world.folder / "kept.json").value(), "kept.json");
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->runs.size(), 5U);
}

TEST(Bench, aModelThatIsNoneOrTooLargeIsRefused) {
    World world;
    world.folder.write("model.gguf", "GGUF\3");
    const auto truncated = run_comparison(world.request, three(world), world.fake, {});
    ASSERT_FALSE(truncated);
    EXPECT_EQ(truncated.error().id, "bench-model");
    EXPECT_EQ(truncated.error().causes.front().id, "gguf-truncated");
    EXPECT_EQ(truncated.error().where.file, world.folder / "model.gguf");

    World small;
    small.folder.write("machine/proc/meminfo", "MemTotal:       102400 kB\nMemAvailable:   51200 kB\n");
    const auto large = run_comparison(small.request, three(small), small.fake, {});
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().id, "bench-memory");
    EXPECT_THAT(small.fake.calls, IsEmpty());
}

TEST(Bench, ABuildWithoutVariantsIsOneCandidate) {
    World world;
    world.request.builds[0].cpu_variants.clear();
    world.request.builds[0].backend_folder.clear();
    const auto candidates = default_candidates(world.request.builds[0], "zen4", "zen4");
    ASSERT_EQ(candidates.size(), 1U);
    const auto result = run_comparison(world.request, candidates, world.fake, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(result->comparisons, IsEmpty());
    EXPECT_THAT(result->summaries, ::testing::SizeIs(2));
}

}  // namespace
}  // namespace lf::bench
