// SPDX-License-Identifier: MIT
#include "bench/result.h"

#include <gmock/gmock.h>

#include "bench/render.h"

namespace lf::bench {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const Test kPrompt{TestKind::prompt, 128, 0};

BenchResult a_result() {
    BenchResult result;
    result.host = "carbon";
    Candidate plain{"official-default", "debian-sid", "x64", "none", 0, 0, "", "what the official flake builds"};
    Candidate fast{"haswell, 2 threads", "debian-sid", "haswell", "none", 2, 256, "on", "ggml's CPU variant"};
    result.candidates = {plain, fast};
    result.builds = {
        {"debian-sid", "Debian sid", {{"libggml0", "0.27.0-1"}, {"llama.cpp-tools", "0.7.0"}}, "Debian", 11669}};
    result.model = {"synthetic llama 0.3B Q4_K_M", "llama ?B Q4_K - Medium", 300'000'000, 184 << 20, true};
    result.conditions.cpu = "AMD EPYC";
    result.conditions.cpus = result.conditions.cores = 2;
    result.conditions.virtual_machine = true;
    result.conditions.other_cpu_share = 0.25;
    result.conditions.busy_programs = {"clangd (31 s)"};
    result.seed = 7;
    result.complete = true;
    result.seconds = 12.5;
    for (int round = 0; round < 5; ++round)
        for (const Candidate& candidate : result.candidates) {
            Run run;
            run.candidate = candidate.name;
            run.phase = "measure";
            run.round = round;
            run.counts = true;
            run.test = "pp128 tg32";
            run.seconds = 1;
            run.speeds = {{kPrompt, {candidate.threads > 0 ? 800.0 + round : 57.0}},
                          {{TestKind::generation, 32, 0}, {100}}};
            run.load_average = 0.5;
            result.runs.push_back(run);
        }
    Run dead;
    dead.candidate = "sapphirerapids";
    dead.phase = "trial";
    dead.failure = "sigill";
    dead.failure_text = "it has instructions that this CPU lacks";
    result.runs.push_back(dead);
    result.findings = {{"sapphirerapids", "sigill", "it has instructions that this CPU lacks"}};
    result.rungs = {{"variants: pp16", {{"haswell, 2 threads", 1, 3, ""}, {"official-default", 0.07, 3, "too slow"}}}};
    result.comparisons = {{"haswell, 2 threads", "official-default", kPrompt, 5, {14, 13, 15}, Verdict::faster}};
    result.choice = Choice();
    result.choice->candidate = "haswell, 2 threads";
    result.choice->default_candidate = "dispatch";
    result.choice->cpu_variant = "haswell";
    result.choice->backends = {"cpu"};
    result.choice->verdict = "faster";
    result.choice->server_arguments = {"--threads", "2"};
    result.warnings = {{"load", "other work ran", "measure again when the machine is idle"}};
    result.commands = {"llama-bench -p 128"};
    summarize(result);
    return result;
}

TEST(BenchResult, goesThroughJson) {
    const BenchResult result = a_result();
    const auto read = from_json(to_json(result), "carbon.json");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, result);
    EXPECT_EQ(to_json(*read), to_json(result));
}

TEST(BenchResult, summariesAreOfTheRunsThatCount) {
    BenchResult result = a_result();
    ASSERT_EQ(result.summaries.size(), 4U);
    EXPECT_EQ(result.summaries[0].candidate, "official-default");
    EXPECT_EQ(result.summaries[0].test, kPrompt);
    EXPECT_EQ(result.summaries[0].samples, 5);
    ASSERT_TRUE(result.summaries[1].tokens_per_second);
    EXPECT_NEAR(result.summaries[1].tokens_per_second->mean, 802, 0.1);
    for (auto& run : result.runs) run.counts = false;
    summarize(result);
    EXPECT_TRUE(result.summaries.empty());
}

TEST(BenchResult, testsAreNamedAsLlamaBenchNamesThem) {
    for (const char* name : {"pp128", "tg32", "pp512 @ d4096", "tg1 @ d1"}) {
        const auto test = parse_test(name);
        ASSERT_TRUE(test) << name;
        EXPECT_EQ(name_of(*test), name);
    }
    for (const char* name :
         {"", "pp", "pp0", "xx12", "pp12 @ d0", "pp12 @ d", "pp-1", "pp12x", "tg99999999999999999999"})
        EXPECT_FALSE(parse_test(name)) << name;
}

TEST(BenchResult, anOlderFileIsRefusedByName) {
    const auto old = from_json(R"({"schema": "llama-fleet/bench", "version": 1})", "old.json");
    ASSERT_FALSE(old);
    EXPECT_EQ(old.error().id, "schema-version");
    EXPECT_THAT(old.error().hint, HasSubstr("make it again"));
}

TEST(BenchResult, brokenFilesAreRefusedWithTheirPath) {
    const std::string whole = to_json(a_result());
    const auto broken = [&](const std::string& from, const std::string& to) {
        std::string text = whole;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        const auto read = from_json(text, "carbon.json");
        EXPECT_FALSE(read) << from;
        return read ? std::string() : read.error().id + " " + read.error().where.json_path;
    };
    EXPECT_THAT(broken("\"pp128\"", "\"qq128\""), HasSubstr("bench-word /"));
    EXPECT_THAT(broken("\"verdict\": \"faster\"\n    }", "\"verdict\": \"fastest\"\n    }"),
                HasSubstr("bench-word /comparisons/0/verdict"));
    EXPECT_THAT(broken("\"host\"", "\"hots\""), HasSubstr("json-"));
    EXPECT_THAT(broken("\"backend\": \"cpu\"", "\"backend\": \"gpu\""), HasSubstr("bench-choice"));
    EXPECT_THAT(broken("\"packages\": {", "\"packages\": [], \"x\": {"), HasSubstr("json-"));
    EXPECT_FALSE(from_json("", "carbon.json"));
    EXPECT_FALSE(from_json("[]", "carbon.json"));
}

TEST(BenchRender, fitsIntoEightyColumnsAndObeysNoControlCharacters) {
    BenchResult result = a_result();
    result.candidates[1].name = result.findings[0].candidate = "evil\x1b[2J\n" + std::string(90, 'x');
    result.candidates[1].description = "\x1b]0;t\x07";
    result.builds[0].source = "Debian\x1b[31m";
    result.warnings[0].text = std::string(300, 'w') + " \x1b[2J";
    for (auto& run : result.runs)
        run.candidate = run.candidate == "official-default" ? run.candidate : result.candidates[1].name;
    summarize(result);
    const std::string text = render_text(result);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
    const std::string clean = render_text(a_result());
    std::size_t start = 0;
    while (start < clean.size()) {
        const std::size_t end = clean.find('\n', start);
        EXPECT_LE(end - start, 80U) << clean.substr(start, end - start);
        start = end + 1;
    }
    std::string flat;  // whatever the lines broke
    for (const char c : clean)
        if ((c != '\n' && c != ' ') || !flat.ends_with(' ')) flat += c == '\n' ? ' ' : c;
    for (const char* word :
         {"measured fastest of these candidates, with this model, at this revision", "llama-server --threads 2",
          "cannot run: sapphirerapids", "14.0x (13.0x to 15.0x) faster", "too slow", "better:"})
        EXPECT_THAT(flat, HasSubstr(word));
    EXPECT_THAT(clean, Not(HasSubstr("not complete")));
}

}  // namespace
}  // namespace lf::bench
