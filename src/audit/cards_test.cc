// SPDX-License-Identifier: MIT
#include "audit/cards.h"

#include <gtest/gtest.h>

#include "audit/builds_for_test.h"
#include "audit/render.h"

namespace lf::audit {
namespace {

using namespace test;
using gpucode::Fit;
using gpucode::Kind;
using plan::test::amd;
using plan::test::machine;
using plan::test::nvidia;

/// As Debian builds its CUDA and ROCm libraries, in small; 1000 bytes each.
BuildAudit with_targets(const std::vector<std::pair<Kind, std::string>>& targets) {
    FileAudit out = file("libggml-gpu.so", {});
    for (const auto& [kind, name] : targets) out.gpu.targets.push_back({kind, name, 1, 1000, 1000, ""});
    return build({std::move(out)});
}

const std::vector<std::pair<Kind, std::string>> kCuda = {
    {Kind::cuda_machine, "sm_86"},  {Kind::cuda_machine, "sm_89"},        {Kind::cuda_machine, "sm_90a"},
    {Kind::cuda_ptx, "compute_50"}, {Kind::cuda_ptx, "compute_75"},       {Kind::cuda_ptx, "compute_90"},
    {Kind::hip_machine, "gfx1100"}, {Kind::hip_machine, "gfx90a:xnack+"}, {Kind::hip_machine, "gfx90a:xnack-"},
};

TEST(Cards, AreServedByTheBestTarget) {
    const struct {
        facts::Gpu gpu;
        Fit fit;
        const char* backend;
        const char* by;
    } cases[] = {
        {nvidia("8.6"), Fit::runs, "cuda", "sm_86"},
        {nvidia("8.9"), Fit::runs, "cuda", "sm_89"},
        {nvidia("8.0"), Fit::compiles_first, "cuda", "compute_75"},
        {nvidia("9.0"), Fit::runs, "cuda", "sm_90a"},
        {nvidia("12.0"), Fit::compiles_first, "cuda", "compute_90"},
        {nvidia("7.0"), Fit::compiles_first, "cuda", "compute_50"},
        {nvidia("3.5"), Fit::no, "cuda", ""},
        {amd("gfx1100", false), Fit::runs, "rocm", "gfx1100"},
        {amd("gfx1201", false), Fit::no, "rocm", ""},
    };
    const BuildAudit build = with_targets(kCuda);
    for (const auto& c : cases) {
        const auto cards = judge_cards(build, machine({"pni"}, {c.gpu}));
        ASSERT_EQ(cards.size(), 1U);
        EXPECT_EQ(cards[0].fit, c.fit) << cards[0].card;
        EXPECT_EQ(cards[0].backend, c.backend) << cards[0].card;
        EXPECT_EQ(cards[0].by, c.by) << cards[0].card;
        EXPECT_TRUE(cards[0].known);
    }
}

TEST(Cards, WhatIsNotKnownIsNotGuessed) {
    const BuildAudit build = with_targets(kCuda);
    const facts::Machine host = machine({"pni"}, {nvidia(std::nullopt)});
    const auto cards = judge_cards(build, host);
    EXPECT_FALSE(cards[0].known);
    EXPECT_EQ(cards[0].text, "its compute capability is not known; llama-fleet probe there, with its driver, may tell");
    // All CUDA code may be for this card.
    const facts::Machine* const hosts[] = {&host};
    EXPECT_EQ(idle_gpu_bytes(build, hosts), 3000U);
    facts::Machine unknown = machine({"pni"});
    unknown.gpus_known = false;
    const facts::Machine* const unknowns[] = {&unknown};
    EXPECT_EQ(idle_gpu_bytes(build, unknowns), std::nullopt);
}

TEST(Cards, VulkanServesAnyCard) {
    const BuildAudit vulkan = with_targets({{Kind::spirv, "spir-v"}});
    const facts::Machine host = machine({"pni"}, {nvidia(std::nullopt), amd("gfx1103", true)});
    for (const CardVerdict& card : judge_cards(vulkan, host)) {
        EXPECT_EQ(card.fit, Fit::compiles_first);
        EXPECT_EQ(card.backend, "vulkan");
    }
    auto both = kCuda;
    both.emplace_back(Kind::spirv, "spir-v");
    const auto cards = judge_cards(with_targets(both), machine({"pni"}, {nvidia("3.5"), nvidia("8.6")}));
    EXPECT_EQ(cards[0].backend, "vulkan") << "its own code does not fit";
    EXPECT_EQ(cards[0].text, "Vulkan only: the code for cards of this make is for others");
    EXPECT_EQ(cards[1].backend, "cuda");
}

TEST(Cards, AChipThatOnlyDrawsAScreenTakesNothing) {
    const BuildAudit vulkan = with_targets({{Kind::spirv, "spir-v"}});
    facts::Gpu aspeed = nvidia(std::nullopt);
    aspeed.vendor = "other";
    aspeed.vendor_id = 0x1a03;
    aspeed.compute_capability.reset();
    const facts::Machine host = machine({"pni"}, {aspeed});
    const auto cards = judge_cards(vulkan, host);
    ASSERT_EQ(cards.size(), 1U);
    EXPECT_EQ(cards[0].backend, "");
    EXPECT_NE(cards[0].text.find("draws a screen"), std::string::npos) << cards[0].text;
    const facts::Machine* const hosts[] = {&host};
    EXPECT_EQ(idle_gpu_bytes(vulkan, hosts), 1000U);
}

TEST(Cards, WithoutCodeItIsSaid) {
    const auto cards = judge_cards(with_targets({}), machine({"pni"}, {nvidia("8.6")}));
    EXPECT_EQ(cards[0].fit, Fit::no);
    EXPECT_EQ(cards[0].backend, "");
    EXPECT_EQ(cards[0].text, "the build has no code for it");
}

TEST(IdleGpuBytes, AreOfTargetsThatNoHostTakes) {
    const BuildAudit build = with_targets(kCuda);
    const facts::Machine ampere = machine({"pni"}, {nvidia("8.6")});
    const facts::Machine blackwell = machine({"pni"}, {nvidia("12.0")});
    const facts::Machine instinct = machine({"pni"}, {amd("gfx90a", false)});
    const facts::Machine none = machine({"pni"});
    const struct {
        std::vector<const facts::Machine*> hosts;
        std::uint64_t bytes;
    } cases[] = {
        {{&ampere}, 8000},
        {{&ampere, &blackwell}, 7000},
        {{&instinct}, 7000},  // either mode of it
        {{&ampere, &blackwell, &instinct}, 5000},
        {{&none}, 9000},
        {{}, 9000},
    };
    for (const auto& [hosts, bytes] : cases) EXPECT_EQ(idle_gpu_bytes(build, hosts), bytes);
}

TEST(IdleGpuBytes, AreSharedByTheHostsOfABuild) {
    Report report;
    report.builds = {with_targets(kCuda), with_targets(kCuda)};
    std::map<std::string, facts::Machine> machines = {{"ampere", machine({"pni"}, {nvidia("8.6")})},
                                                      {"blackwell", machine({"pni"}, {nvidia("12.0")})},
                                                      {"alone", machine({"pni"}, {nvidia("8.6")})}};
    for (const auto& [name, build] : {std::pair("ampere", 0), std::pair("blackwell", 0), std::pair("alone", 1)})
        report.hosts.push_back({name, static_cast<std::size_t>(build), {}});
    share_idle_gpu_bytes(report, machines);
    EXPECT_EQ(report.hosts[0].verdict.idle_gpu_bytes, 7000U);
    EXPECT_EQ(report.hosts[1].verdict.idle_gpu_bytes, 7000U);
    EXPECT_EQ(report.hosts[2].verdict.idle_gpu_bytes, 8000U);
    const std::string text = render_text(report);
    const std::string_view line = "  idle      7.0 kB of its GPU code: no card of these hosts takes it\n";
    EXPECT_EQ(text.find(line), text.rfind(line)) << text;
    EXPECT_NE(text.find(line), std::string::npos) << text;
    EXPECT_NE(text.find("  idle      8.0 kB of its GPU code: no card of this host takes it\n"), std::string::npos);
    machines.erase("blackwell");
    share_idle_gpu_bytes(report, machines);
    EXPECT_EQ(report.hosts[0].verdict.idle_gpu_bytes, 0U) << "nobody knows what blackwell takes";
}

}  // namespace
}  // namespace lf::audit
