// SPDX-License-Identifier: MIT
#include "check/prove.h"

#include <gtest/gtest.h>

namespace lf::check {
namespace {

HostState state(int overlays, std::vector<std::string> packages, const std::string& toplevel, bool ours = false) {
    HostState out;
    out.present = true;
    out.overlays = overlays;
    for (const std::string& name : packages) {
        if (!out.packages) out.packages.emplace();
        out.packages->push_back("environment.systemPackages " + name);
    }
    out.toplevel = toplevel;
    out.ours = ours;
    return out;
}

/// The verdict on one host, planned for llama-cpp-cpu unless told otherwise.
HostProof judged(const HostState& before, const HostState& after, bool planned = true, bool superseded = false) {
    std::map<std::string, std::string> plans;
    if (planned) plans["boron"] = "llama-cpp-cpu";
    const auto out = compare_hosts({{"boron", before}}, {{"boron", after}}, plans, superseded);
    EXPECT_EQ(out.size(), 1U);
    return out.front();
}

const HostState kBefore = state(1, {"git-2"}, "/nix/store/a.drv");
const HostState kFitted = state(2, {"git-2", "llama-cpp-cpu-9608"}, "/nix/store/b.drv", true);

TEST(Prove, a_planned_host_gains_the_overlay_and_the_package) {
    EXPECT_TRUE(judged(kBefore, kFitted).holds);
    EXPECT_EQ(judged(kBefore, kFitted).text,
              "one overlay more, llama-cpp-cpu; every other package as before, and its system evaluates");
    EXPECT_TRUE(judged(state(1, {"git-2", "llama-cpp-1"}, "a"), kFitted).holds);
    // A second fit adds no overlay.
    EXPECT_TRUE(judged(kFitted, kFitted).holds);
    // One old overlay went for ours.
    EXPECT_TRUE(judged(state(2, {"git-2"}, "a"), kFitted, true, true).holds);
    EXPECT_FALSE(judged(state(2, {"git-2"}, "a"), kFitted, true, false).holds);
}

TEST(Prove, whatever_else_changes_is_wrong) {
    const std::map<std::string, HostState> wrong{
        {"the overlay does not reach its packages", state(2, {"git-2", "llama-cpp-cpu-1"}, "b", false)},
        {"it has 1 overlay, not 2", state(1, {"git-2", "llama-cpp-cpu-1"}, "b", true)},
        {"it has 3 overlays, not 2", state(3, {"git-2", "llama-cpp-cpu-1"}, "b", true)},
        {"lost environment.systemPackages git-2", state(2, {"llama-cpp-cpu-1"}, "b", true)},
        {"gained environment.systemPackages vim-9", state(2, {"git-2", "vim-9", "llama-cpp-cpu-1"}, "b", true)},
        {"llama-cpp-cpu is not among its packages", state(2, {"git-2", "llama-cpp-cuda-1"}, "b", true)}};
    for (const auto& [text, after] : wrong) {
        EXPECT_FALSE(judged(kBefore, after).holds) << text;
        EXPECT_EQ(judged(kBefore, after).text, text);
    }
}

TEST(Prove, what_evaluated_has_to_evaluate) {
    HostState after = kFitted;
    after.toplevel.reset();
    EXPECT_EQ(judged(kBefore, after).text, "its system evaluated before, and does not now");
    after = kFitted;
    after.packages.reset();
    EXPECT_FALSE(judged(kBefore, after).holds);
    after = HostState{};
    after.failure = "attribute 'x' missing";
    EXPECT_EQ(judged(kBefore, after).text, "evaluated before, and does not now: attribute 'x' missing");
    EXPECT_TRUE(judged(after, after).holds);
    HostState never = kBefore;
    never.toplevel.reset();
    HostState still = kFitted;
    still.toplevel.reset();
    EXPECT_TRUE(judged(never, still).holds);
}

TEST(Prove, a_host_without_a_plan_stays_as_it_was) {
    EXPECT_EQ(judged(kBefore, kBefore, false).text, "not planned, and the same system");
    EXPECT_FALSE(judged(kBefore, state(2, {"git-2"}, "/nix/store/a.drv"), false).holds);
    EXPECT_FALSE(judged(kBefore, state(1, {"git-2", "vim-9"}, "/nix/store/a.drv"), false).holds);
    EXPECT_TRUE(judged(kBefore, state(1, {"git-2"}, "/nix/store/b.drv"), false).holds);
    // Made by a function that serves others too.
    EXPECT_TRUE(judged(kBefore, state(2, {"git-2"}, "/nix/store/a.drv", true), false).holds);
}

TEST(Prove, hosts_that_come_and_go) {
    const auto out = compare_hosts({{"boron", kBefore}}, {{"carbon", kBefore}}, {}, false);
    ASSERT_EQ(out.size(), 2U);
    EXPECT_EQ(out[0].text, "was a host, and is none now");
    EXPECT_EQ(out[1].text, "was no host, and is one now");
    EXPECT_FALSE(out[0].holds || out[1].holds);
}

TEST(Prove, reads_what_nix_says) {
    const auto good = read_states(
        R"({"boron":{"present":true,"overlays":{"ok":true,"value":2},"packages":{"ok":true,"value":["a b"]},)"
        R"("toplevel":{"ok":false,"value":null},"ours":{"ok":true,"value":true}}})");
    ASSERT_TRUE(good) << good.error().message;
    EXPECT_EQ(good->at("boron").overlays, 2);
    EXPECT_EQ(good->at("boron").packages, std::vector<std::string>{"a b"});
    EXPECT_FALSE(good->at("boron").toplevel);
    EXPECT_TRUE(good->at("boron").ours);
    for (
        const char* bad :
        {"", "[]", "{\"boron\":1}", R"({"boron":{"present":true}})",
         R"({"boron":{"present":true,"overlays":{"ok":true,"value":-2},"packages":{"ok":true,"value":[1]},"toplevel":{"ok":true,"value":1},"ours":{"ok":true,"value":2}}})"}) {
        const auto refused = read_states(bad);
        ASSERT_FALSE(refused) << bad;
        EXPECT_EQ(refused.error().id, "nix-answer");
    }
}

}  // namespace
}  // namespace lf::check
