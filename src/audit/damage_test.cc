// SPDX-License-Identifier: MIT
// GPU code that cannot be read: what is missing may be what a card needs, so nothing is said to run there.
#include <gtest/gtest.h>

#include "audit/builds_for_test.h"
#include "audit/cards.h"

namespace lf::audit {
namespace {

using namespace test;
using gpucode::Maker;
using plan::test::amd;
using plan::test::kHaswell;
using plan::test::machine;
using plan::test::nvidia;

constexpr std::string_view kNote = "bundle at 0x0: its header is cut off";

/// A library that runs everywhere, with damaged GPU code of this maker.
BuildAudit library(Maker maker) {
    FileAudit out = file("libggml-gpu.so", program({{"f"}}, {}));
    out.gpu.targets = {{gpucode::Kind::hip_machine, "gfx1100", 1, 1000, 1000, ""}};
    out.gpu.damage = {{maker, std::string(kNote)}};
    return build({std::move(out)});
}

TEST(Damage, CountsForHostsWithACardOfItsMaker) {
    const struct {
        Maker maker;
        std::vector<facts::Gpu> gpus;
        Outcome outcome;
        bool known;
    } cases[] = {
        {Maker::amd, {amd("gfx1201", false)}, Outcome::cannot_tell, false},
        {Maker::amd, {amd("gfx1100", false)}, Outcome::cannot_tell, true},  // what was read covers it
        {Maker::amd, {nvidia("8.6")}, Outcome::runs, true},
        {Maker::amd, {}, Outcome::runs, true},
        {Maker::nvidia, {nvidia("8.6")}, Outcome::cannot_tell, false},
        {Maker::nvidia, {nvidia(std::nullopt)}, Outcome::cannot_tell, false},
        {Maker::nvidia, {amd("gfx1201", false)}, Outcome::runs, true},
        {Maker::any, {amd("gfx1201", false)}, Outcome::cannot_tell, false},
        {Maker::any, {nvidia("8.6")}, Outcome::cannot_tell, false},
    };
    for (const auto& c : cases) {
        const HostVerdict verdict = judge(library(c.maker), machine(kHaswell, c.gpus));
        EXPECT_EQ(verdict.outcome, c.outcome) << &c - cases;
        if (c.outcome == Outcome::cannot_tell) {
            EXPECT_EQ(verdict.why, "libggml-gpu.so: its GPU code is damaged: " + std::string(kNote));
        }
        for (const CardVerdict& card : verdict.cards) {
            EXPECT_EQ(card.known, c.known) << &c - cases;
            if (card.known) continue;
            EXPECT_FALSE(card.backend.empty()) << "the exit code goes by it";
            EXPECT_EQ(card.text, "not known: GPU code of libggml-gpu.so is damaged: " + std::string(kNote));
        }
    }
    facts::Machine unknown = machine(kHaswell);
    unknown.gpus_known = false;
    EXPECT_EQ(judge(library(Maker::amd), unknown).outcome, Outcome::cannot_tell);
}

TEST(Damage, AChipThatOnlyDrawsAScreenDoesNotMindIt) {
    facts::Gpu aspeed = nvidia(std::nullopt);
    aspeed.vendor = "other";
    aspeed.vendor_id = 0x1a03;
    aspeed.compute_capability.reset();
    const HostVerdict verdict = judge(library(Maker::any), machine(kHaswell, {aspeed}));
    EXPECT_EQ(verdict.outcome, Outcome::runs);
    EXPECT_TRUE(verdict.cards.at(0).known);
}

TEST(Damage, OfAFileOfGpuCodeAloneAlwaysCounts) {
    FileAudit bare;
    bare.path = "cut.hipfb";
    bare.kind = "GPU code";
    BuildAudit alone = build({bare});
    EXPECT_EQ(judge(alone, machine(kHaswell)).outcome, Outcome::runs);
    alone.files[0].gpu.damage = {{Maker::amd, std::string(kNote)}};
    EXPECT_EQ(judge(alone, machine(kHaswell)).outcome, Outcome::cannot_tell);
    // What surely crashes says more.
    FileAudit wide = file("libllama.so", program({{"f", {"AVX512F_512"}}}, {{Root::Kind::exported, 0}}));
    alone.files.push_back(std::move(wide));
    EXPECT_EQ(judge(alone, machine(kHaswell)).outcome, Outcome::crashes);
}

}  // namespace
}  // namespace lf::audit
