// SPDX-License-Identifier: MIT
#include "facts/choice.h"

#include <gmock/gmock.h>

namespace lf::facts {
namespace {

using ::testing::HasSubstr;

Choice a_choice() {
    Choice choice;
    choice.candidate = "haswell";
    choice.default_candidate = "dispatch";
    choice.cpu_variant = "haswell";
    choice.default_variant = "sapphirerapids";
    choice.backends = {"cpu", "vulkan"};
    choice.verdict = "faster";
    choice.objective = {0.2, 0.8, 4096};
    choice.pairs = 12;
    choice.score = Estimate{1.1, 1.05, 1.2};
    choice.generation = Estimate{1.18, 1.15, 1.21};
    choice.server_arguments = {"--threads", "16", "--flash-attn", "on"};
    choice.model = "synthetic llama 0.3B Q4_K_M, random weights";
    choice.revision = "Debian sid's llama.cpp 1:0.7.0, build 11669";
    choice.cpu = "INTEL(R) XEON(R) PLATINUM 8568Y+";
    return choice;
}

std::string bench_file(const std::string& choice) {
    return R"({"schema": "llama-fleet/bench", "version": 2, "host": "carbon", "runs": [1, 2], "choice": )" + choice +
           "}";
}

TEST(Choice, GoesThroughJson) {
    const auto read = choice_from_json(to_json(a_choice()), "carbon.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, a_choice());
    EXPECT_FALSE(read->prompt);
}

TEST(Choice, IsFoundInAResultOfBench) {
    const auto read = choice_from_bench(bench_file(to_json(a_choice())), "carbon.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, a_choice());
    const auto none = choice_from_bench(bench_file("null"), "carbon.json");
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
}

TEST(Choice, ResultsOfOtherVersionsAreRefusedByName) {
    const auto old = choice_from_bench(R"({"schema": "llama-fleet/bench", "version": 1, "host": "carbon"})", "c.json");
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().id, "schema-version");
    EXPECT_THAT(old.error().hint, HasSubstr("make it again"));
    EXPECT_EQ(choice_from_bench(R"({"schema": "llama-fleet/facts", "version": 2})", "c.json").error().id,
              "schema-name");
    EXPECT_FALSE(choice_from_bench("[]", "c.json"));
    EXPECT_FALSE(choice_from_bench(R"({"schema": "llama-fleet/bench", "version": 2})", "c.json"));
}

TEST(Choice, HostileWordsAreRefused) {
    const struct {
        void (*spoil)(Choice&);
        const char* path;
    } cases[] = {
        {[](Choice& c) { c.cpu_variant = "zen4\"; rm -rf /"; }, "/choice/cpu_variant"},
        {[](Choice& c) { c.default_variant = "../zen4"; }, "/choice/default_variant"},
        {[](Choice& c) { c.backend = "opencl"; }, "/choice/backend"},
        {[](Choice& c) {
             c.backends = {"cpu", "$(true)"};
         },
         "/choice/backends"},
        {[](Choice& c) { c.verdict = "fastest"; }, "/choice/verdict"},
        {[](Choice& c) {
             c.server_arguments = {"--threads", "8;reboot"};
         },
         "/choice/server_arguments"},
        {[](Choice& c) { c.objective.prompt_weight = -1; }, "/choice/objective/prompt_weight"},
        {[](Choice& c) {
             c.score = Estimate{1, 2, 3};
         },
         "/choice/score"},
        {[](Choice& c) { c.model = std::string(2000, 'x'); }, "/choice/model"},
        {[](Choice& c) { c.pairs = -1; }, "/choice/pairs"},
    };
    for (const auto& [spoil, path] : cases) {
        Choice choice = a_choice();
        spoil(choice);
        const auto read = choice_from_json(to_json(choice), "carbon.json");
        ASSERT_FALSE(read) << path;
        EXPECT_EQ(read.error().where.json_path, path);
    }
}

}  // namespace
}  // namespace lf::facts
