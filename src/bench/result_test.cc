// SPDX-License-Identifier: MIT
#include "bench/result.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "bench/bench.h"
#include "bench/render.h"

namespace lf::bench {
namespace {

using ::testing::HasSubstr;

BenchResult example() {
    BenchResult result;
    result.host = "carbon";
    result.candidates = default_candidates("zen4");
    result.build = {"Debian sid", {{"llama.cpp-tools", "1:0.7.0+dfsg-2"}, {"libggml0", "0.27.0-1"}}, "Debian", 11669};
    result.model = {"synthetic llama 0.2B Q4_K_M (12 layers, width 1024), random weights", "llama ?B Q4_K - Medium",
                    200'830'000, 126'363'648, true};
    result.conditions = {"AMD EPYC", 2, 2, std::nullopt, true, 0.25};
    result.prompt_tokens = 128;
    result.generated_tokens = 48;
    result.repeats_wanted = 5;
    result.complete = true;
    result.seconds = 38.5;
    const double prompt[][2] = {{45.8, 648.4}, {46.1, 651.0}, {45.5, 640.2}};
    const double generation[][2] = {{29.3, 168.9}, {26.3, 171.5}, {28.8, 165.0}};
    for (int i = 0; i < 3; ++i)
        for (std::size_t c = 0; c < 2; ++c) {
            result.samples.push_back({result.candidates[c].name, i, Test::prompt, prompt[i][c], 0.2});
            result.samples.push_back({result.candidates[c].name, i, Test::generation, generation[i][c], 0.2});
        }
    result.warnings = {{"load", "other work ran", "measure again when the machine is idle"}};
    result.commands = {"cd /tmp && llama-bench"};
    summarize(result);
    return result;
}

TEST(Result, comesBackFromItsJson) {
    const BenchResult result = example();
    const std::string text = to_json(result);
    const auto back = from_json(text, "r.json");
    ASSERT_TRUE(back) << back.error().message << back.error().where.json_path;
    EXPECT_EQ(*back, result);
    EXPECT_EQ(to_json(*back), text);
}

TEST(Result, brokenJsonIsRefused) {
    const std::string good = to_json(example());
    const std::pair<const char*, const char*> changes[] = {
        {"\"version\": 1", "\"version\": 2"},
        {"llama-fleet/bench", "llama-fleet/plan"},
        {"\"test\": \"pp\"", "\"test\": \"xx\""},
        {"\"verdict\": \"faster\"", "\"verdict\": \"best\""},
        {"\"threads\": 2", "\"threads\": -2"},
        {"\"complete\": true", "\"complete\": 1"},
        {"\"host\"", "\"hots\""},
        {"\"libggml0\": \"0.27.0-1\"", "\"libggml0\": 27"},
        {"\"governor\": null", "\"governor\": 3"},
    };
    for (const auto& [from, to] : changes) {
        std::string text = good;
        const std::size_t at = text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        text.replace(at, std::string_view(from).size(), to);
        EXPECT_FALSE(from_json(text, "r.json")) << to;
    }
}

TEST(Result, comparesOnlyRepeatsThatBothHave) {
    BenchResult result = example();
    std::erase_if(result.samples, [](const Sample& s) { return s.repeat == 2 && s.candidate == "plan"; });
    summarize(result);
    EXPECT_EQ(result.comparisons.at(0).pairs, 2);
    EXPECT_EQ(result.summaries.at(0).samples, 3);
}

TEST(Render, staysWithin80ColumnsAndSaysWhatWasCompared) {
    const std::string text = render_text(example());
    for (const std::string_view line : lines(text)) {
        std::size_t width = 0;
        for (const char c : line) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
        EXPECT_LE(width, 80U) << line;
    }
    EXPECT_THAT(text, HasSubstr("1:0.7.0+dfsg-2"));
    EXPECT_THAT(text, HasSubstr("not the revision that the flake pins"));
    EXPECT_THAT(text, HasSubstr("  pp128  official-default    45.8 ± 0.7     3\n"));
    EXPECT_THAT(text, HasSubstr("  pp128  plan               646.5 ± 14.0    3   14.1x (14.0x to 14.2x) faster\n"));
    EXPECT_THAT(text, HasSubstr("warning: other work ran"));
    EXPECT_EQ(text.find("not complete"), std::string::npos);
}

TEST(Render, oneRunHasNoInterval) {
    BenchResult result = example();
    std::erase_if(result.samples, [](const Sample& s) { return s.repeat > 0; });
    result.complete = false;
    summarize(result);
    const std::string text = render_text(result);
    EXPECT_THAT(text, HasSubstr("  pp128  plan               648.4           1\n"));
    EXPECT_THAT(text, HasSubstr("not complete"));
}

TEST(Render, wordsFromOutsideCannotMoveTheCursor) {
    BenchResult result = example();
    result.conditions.cpu = "\x1b[2J";
    result.model.description = "a\x1b[1mb";
    result.warnings[0].text = "c\x1b[0m";
    EXPECT_EQ(render_text(result).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace lf::bench
