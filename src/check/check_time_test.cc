// SPDX-License-Identifier: MIT
// Hosts that never end: each is named and hides no other.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json.h"
#include "check/fake_flake_test.h"

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

}  // namespace
}  // namespace lf::check
