// SPDX-License-Identifier: MIT
#include "bench/run_once.h"

#include <gmock/gmock.h>

#include <set>

#include "bench/fake_builds.h"

namespace lf::bench {
namespace {

using testing::Folder;
using ::testing::HasSubstr;
using testing::script;

constexpr const char* kGood =
    "echo 'load_backend: loaded CPU backend from /x/libggml-cpu-zen4.so' >&2\n"
    R"(echo '[{"n_prompt":64,"n_gen":0,"samples_ts":[40.5]},{"n_prompt":0,"n_gen":16,"samples_ts":[20]}]')";

/// What one run comes to with a llama-bench that is `text`.
class Trial {
  public:
    explicit Trial(const std::string& body) {
        testing::write_build(folder_, "llama", script(body), "lib", {"cpu-x64", "cpu-zen4", "vulkan"});
        run_.model = "/m.gguf";
        run_.prompt_tokens = 64;
        run_.generated_tokens = 16;
        run_.cpu_variant = "zen4";
    }
    Result<RunOutcome> outcome(std::chrono::milliseconds limit = std::chrono::seconds(60)) {
        LF_ASSIGN(const InstalledBuild build, find_build(folder_ / "llama", processes_));
        LF_ASSIGN(const Scratch scratch, prepare_scratch(build, folder_ / "scratch"));
        return run_llama_bench(build, run_, scratch, limit, processes_);
    }
    LlamaBenchRun run_;

  private:
    Folder folder_;
    RealProcesses processes_;
};

TEST(RunOnce, givesWhatWasMeasured) {
    const auto outcome = Trial(kGood).outcome();
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_TRUE(*outcome) << outcome->error().text;
    const RunOutput& output = **outcome;
    ASSERT_EQ(output.tests.size(), 2U);
    EXPECT_EQ(output.tests[0].name, "pp64");
    EXPECT_EQ(output.tests[1].tokens_per_second, std::vector<double>{20});
    EXPECT_EQ(output.cpu_variant, "zen4");
    EXPECT_GT(output.max_rss_kib, 0);
}

struct Case {
    const char* what;
    std::string body;
    Failure failure;
    const char* words;
};

TEST(RunOnce, failuresAreToldApart) {
    const std::string loaded = "echo 'load_backend: loaded CPU backend from /x/libggml-cpu-zen4.so' >&2\n";
    const Case cases[] = {
        {"sigill", "kill -ILL $$", Failure::illegal_instruction, "instructions that this CPU lacks"},
        {"sigill behind a shell", "exit 132", Failure::illegal_instruction, "SIGILL"},
        {"killed", "kill -KILL $$", Failure::out_of_memory, "SIGKILL"},
        {"crashed", "echo 'GGML_ASSERT(x) failed' >&2; kill -SEGV $$", Failure::crashed, "SIGSEGV: GGML_ASSERT(x)"},
        {"silent", "exit 7", Failure::crashed, "ended with 7: it said nothing"},
        {"newer variant",
         "echo 'load_backend: backend /x/libggml-cpu-zen4.so is not supported on this system' >&2\n"
         "echo 'llama_bench: error: CPU backend is not loaded' >&2; exit 1",
         Failure::unsupported, "CPU variant zen4 is not supported"},
        {"nothing loaded", "echo 'llama_bench: error: CPU backend is not loaded' >&2; exit 1", Failure::unsupported,
         "CPU backend is not loaded"},
        {"no device", loaded + "echo 'error: invalid device: CUDA7' >&2; exit 1", Failure::unsupported, "CUDA7"},
        {"no memory",
         loaded + "echo 'ggml_aligned_malloc: failed to allocate 9 GB' >&2\n"
                  "echo 'llama_bench: error: failed to load model' >&2; exit 1",
         Failure::out_of_memory, "failed to allocate 9 GB"},
        {"no memory on a card", "echo 'ErrorOutOfDeviceMemory' >&2; kill -ABRT $$", Failure::out_of_memory, "Memory"},
        {"truncated model",
         loaded + "echo 'llama_model_load: error loading model: corrupted or incomplete' >&2\n"
                  "echo \"llama_bench: error: failed to load model '/m.gguf'\" >&2; exit 1",
         Failure::model_refused, "corrupted or incomplete"},
        {"rubbish", loaded + "echo hello", Failure::rubbish, "not JSON"},
        {"other tests", loaded + R"(echo '[{"n_prompt":32,"n_gen":0,"samples_ts":[40.5]}]')", Failure::rubbish,
         "measured no pp64"},
        {"more tests",
         loaded + R"(echo '[{"n_prompt":64,"samples_ts":[40.5]},{"n_gen":16,"samples_ts":[2]},)"
                  R"({"n_gen":8,"samples_ts":[2]}]')",
         Failure::rubbish, "3 tests, not 2"},
        {"more repetitions", loaded + R"(echo '[{"n_prompt":64,"n_gen":0,"samples_ts":[40.5,2]}]')", Failure::rubbish,
         "2 times, not 1"},
        {"without an end", "yes", Failure::rubbish, "without an end"},
        {"other variant", "echo 'load_backend: loaded CPU backend from /x/libggml-cpu-x64.so' >&2; echo '[]'",
         Failure::wrong_variant, "zen4 was asked for, but ggml loaded x64"},
        {"no variant", "echo '[]'", Failure::wrong_variant, "loaded none"},
        {"no shim",
         "echo \"ERROR: ld.so: object './backend-shim.so' from LD_PRELOAD cannot be preloaded: ignored.\" >&2\n" +
             std::string(kGood),
         Failure::wrong_variant, "cannot be pinned: ERROR: ld.so"},
    };
    for (const Case& each : cases) {
        const auto outcome = Trial(each.body).outcome();
        ASSERT_TRUE(outcome) << each.what << outcome.error().message;
        ASSERT_FALSE(*outcome) << each.what;
        EXPECT_EQ(outcome->error().failure, each.failure) << each.what << ": " << outcome->error().text;
        EXPECT_THAT(outcome->error().text, HasSubstr(each.words)) << each.what;
    }
}

TEST(RunOnce, hangs) {
    const auto outcome = Trial("sleep 30").outcome(std::chrono::milliseconds(200));
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().failure, Failure::hung);
}

TEST(RunOnce, whatTheBuildDoesNotHaveIsAFindingWithoutARun) {
    Trial trial("exit 9");
    trial.run_.device = "CUDA0";
    const auto outcome = trial.outcome();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->error().failure, Failure::unsupported);
    EXPECT_THAT(outcome->error().text, HasSubstr("no backend cuda"));
}

TEST(RunOnce, theShimIsThereForThePinnedRunOnly) {
    const std::string look = "[ -f \"$LD_PRELOAD\" ] && echo \"shim $LLAMA_FLEET_BACKENDS\" >&2; exit 5";
    Trial pinned(look);
    EXPECT_THAT(pinned.outcome()->error().text, HasSubstr("libggml-cpu-zen4.so"));
    Trial free(look);
    free.run_.cpu_variant.reset();
    EXPECT_THAT(free.outcome()->error().text, HasSubstr("it said nothing"));
}

TEST(RunOnce, interruptionIsNoFinding) {
    class Stopped final : public ProcessRunner {
        Result<Finished> run(const Command&) override { return fail(world_error("interrupted", "interrupted")); }
        std::string find(const std::string& name) const override { return name; }
    } stopped;
    EXPECT_EQ(run_llama_bench({}, {}, {}, std::chrono::seconds(1), stopped).error().id, "interrupted");
}

TEST(RunOnce, idsDiffer) {
    std::set<std::string_view> ids;
    for (const Failure failure :
         {Failure::illegal_instruction, Failure::unsupported, Failure::out_of_memory, Failure::model_refused,
          Failure::crashed, Failure::hung, Failure::rubbish, Failure::wrong_variant})
        ids.insert(id_of(failure));
    EXPECT_EQ(ids.size(), 8U);
}

}  // namespace
}  // namespace lf::bench
