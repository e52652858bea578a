// SPDX-License-Identifier: MIT
// Hosts that never end, and hosts whose files cannot be read: each is named and hides no other.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "check/fake_flake_test.h"
#include "check/render.h"

namespace lf::check {
namespace {

using std::chrono::seconds;

bool asks_for(const Command& command, const std::string& host) {
    return std::any_of(command.argv.begin(), command.argv.end(),
                       [&](const std::string& word) { return word.find('"' + host + '"') != std::string::npos; });
}

class CheckTime : public testing::Test, protected FakeFlake {
  protected:
    CheckTime() {
        request_.hosts.clear();
        for (const char* host : {"argon", "boron", "carbon"})
            request_.hosts.push_back({host, some_plan(host), some_facts()});
        request_.time_limit = seconds(30);
        fake_.answer = [this](const Command& command) -> Result<Finished> {
            if (asks_for(command, endless_)) return fail(world_error("program-timeout", "x"));
            Json hosts = Json::object();
            for (const HostRequest& one : request_.hosts)
                if (asks_for(command, one.host)) hosts[one.host] = Json::parse(good_host_json(some_plan(one.host)));
            return FakeNix::finished(0, answer_json(hosts.dump()));
        };
    }
    std::string endless_ = "argon";
};

TEST_F(CheckTime, AHostThatNeverEndsIsNamedAndHidesNoOther) {
    const auto report = run();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->hosts[0].verdict, Verdict::cannot_tell);
    EXPECT_EQ(report->hosts[0].why, "nix did not finish within 10 s; --time-limit gives it longer");
    EXPECT_EQ(report->hosts[1].verdict, Verdict::shown);
    EXPECT_EQ(report->hosts[2].verdict, Verdict::shown);
    ASSERT_EQ(fake_.asked.size(), 4U) << "the endless one is not asked piece by piece";
    EXPECT_EQ(fake_.asked[0].time_limit, seconds(30));
    EXPECT_LE(fake_.asked[1].time_limit, seconds(10)) << "a third of as much again";
    EXPECT_GT(fake_.asked[1].time_limit, seconds(9));
    EXPECT_LE(fake_.asked[2].time_limit, seconds(15)) << "half of what is left";
    EXPECT_GT(fake_.asked[3].time_limit, seconds(20)) << "all that is left";
}

TEST_F(CheckTime, OneHostAloneIsAskedOnce) {
    request_.hosts.resize(1);
    const auto report = run();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(fake_.asked.size(), 1U);
    EXPECT_EQ(report->hosts[0].why, "nix did not finish within 30 s; --time-limit gives it longer");
}

TEST_F(CheckTime, WithoutARunOutEveryEvaluationHasItsWholeTime) {
    fake_.answer = [](const Command& command) {
        if (asks_for(command, "argon"))
            return FakeNix::finished(1, "", "error: attribute 'gone' missing\n\n at /a:1:2:\n");
        Json hosts = Json::object();
        for (const char* host : {"boron", "carbon"})
            if (asks_for(command, host)) hosts[host] = Json::parse(good_host_json(some_plan(host)));
        return FakeNix::finished(0, answer_json(hosts.dump()));
    };
    ASSERT_TRUE(run());
    for (const Command& command : fake_.asked) EXPECT_EQ(command.time_limit, seconds(30));
}

TEST_F(CheckTime, AnAnswerThatIsTooLongIsItsHosts) {
    fake_.answer = [answer = fake_.answer](const Command& command) -> Result<Finished> {
        if (asks_for(command, "argon")) return fail(world_error("program-output-limit", "x"));
        return answer(command);
    };
    const auto report = run();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->hosts[0].why, "nix put out more than 64 MiB");
    EXPECT_EQ(report->hosts[1].verdict, Verdict::shown);
}

TEST_F(CheckTime, AnInterruptEndsEverything) {
    fake_.answer = [](const Command&) -> Result<Finished> { return fail(world_error("interrupted", "interrupted")); };
    EXPECT_EQ(run().error().id, "interrupted");
    EXPECT_EQ(fake_.asked.size(), 1U);
}

TEST_F(CheckTime, AFileThatCannotBeReadIsItsHosts) {
    endless_ = "none";
    request_.hosts[0].plan.reset();
    request_.hosts[0].problem = "llama-fleet/plan/argon.json:1:1: nonsense";
    request_.hosts[1].facts.reset();
    request_.hosts[1].problem = "llama-fleet/facts/boron.json:1:1: nonsense";
    const auto report = run();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->processes, 1);
    EXPECT_FALSE(asks_for(fake_.asked[0], "argon")) << "there is nothing to compare with";
    EXPECT_EQ(report->hosts[0].verdict, Verdict::cannot_tell);
    EXPECT_EQ(report->hosts[0].why, request_.hosts[0].problem);
    EXPECT_EQ(report->hosts[1].verdict, Verdict::cannot_tell);
    EXPECT_EQ(report->hosts[1].why, request_.hosts[1].problem);
    EXPECT_EQ(layer_of(report->hosts[1].packages[0], Layer::derivation)->verdict, Verdict::shown)
        << "this much is told";
    EXPECT_EQ(report->hosts[2].verdict, Verdict::shown);
    const std::string text = to_text(*report);
    EXPECT_NE(text.find("argon: flags reach the derivation: cannot tell\n  llama-fleet/plan"), std::string::npos)
        << text;
    request_.hosts.resize(1);
    EXPECT_EQ(run()->processes, 0) << "nothing is left to ask";
}

TEST_F(CheckTime, FactsInDoubtAreAMatterOfTheGpus) {
    endless_ = "none";
    plan::Plan plan = some_plan("argon");
    plan.build.package = "llama-cpp-cpu";
    plan.build.cuda_architectures.reset();
    request_.hosts = {{"argon", plan, std::nullopt, "llama-fleet/facts/argon.json:1:1: nonsense"}};
    fake_.answer = [plan](const Command&) {
        return FakeNix::finished(0, answer_json("{\"argon\":" + good_host_json(plan) + "}"));
    };
    const auto report = run();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->hosts[0].verdict, Verdict::cannot_tell);
    EXPECT_EQ(decisive_layer(report->hosts[0]), Layer::targets);
}

}  // namespace
}  // namespace lf::check
