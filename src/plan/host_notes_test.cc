// SPDX-License-Identifier: MIT
#include "plan/host_notes.h"

#include <gtest/gtest.h>

#include <limits>

#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

facts::Gpu sized(facts::Gpu gpu, std::optional<std::int64_t> own, std::optional<std::int64_t> shared = std::nullopt) {
    gpu.memory_mib = own;
    gpu.shared_mib = shared;
    return gpu;
}

std::optional<std::int64_t> room(const facts::Machine& host) {
    const std::vector<Card> cards = judge_cards(host);
    const Build build = plan_of(host).build;
    return model_memory_mib({host, cards, build});
}

TEST(HostNotes, WhatFitsIsMemoryLessAMarginForEachCard) {
    EXPECT_EQ(room(machine(kZen4, {sized(nvidia("8.6"), 24576)})), 24576 - 1024);
    EXPECT_EQ(room(machine(kZen4, {sized(nvidia("8.6"), 24576), sized(nvidia("8.6"), 8192)})), 24576 + 8192 - 2048);
    EXPECT_EQ(room(machine(kZen4, {sized(nvidia("8.6"), 24576), nvidia("8.6")})), std::nullopt);
    EXPECT_EQ(room(machine(kZen4, {sized(nvidia("8.6"), 24576), sized(amd("gfx1103", true), 512, 15000)})), 23552);
    EXPECT_EQ(room(machine(kZen4, {sized(nvidia("8.6"), 24576), sized(amd("gfx1100", false), 8192)})), 23552 + 7168);
    EXPECT_EQ(room(machine(kZen4)), std::nullopt);
    facts::Machine strix = machine(kZen4, {sized(amd("gfx1151", true), 512, 126976)});
    EXPECT_EQ(room(strix), 512 + 126976 - 1024);
    strix.memory_mib = 64000;  // GTT can be set to more than there is
    EXPECT_EQ(room(strix), 64000 + 512 - 1024);
    constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
    EXPECT_GT(room(machine(kZen4, {sized(nvidia("8.6"), kHuge), sized(nvidia("8.6"), kHuge)})), 0);
}

TEST(HostNotes, EachHoldsWhereItsFactsAre) {
    facts::Machine host = machine(kZen4);
    const auto notes = [&] { return plan_of(host).notes; };
    EXPECT_FALSE(mentions(notes(), "models up to"));
    host.memory_mib = 32768;
    EXPECT_TRUE(mentions(notes(), "models up to 31.0 GiB fit in memory"));
    EXPECT_FALSE(mentions(notes(), "offline"));
    host.cpu.offline_cpus = 1;
    EXPECT_TRUE(mentions(notes(), "1 CPU is offline"));
    host.cpu.features_masked = {"amx_tile", "avx_vnni"};
    EXPECT_TRUE(mentions(notes(), "also have amx_tile, avx_vnni, which this one does not show; firmware"));
    host.cpu.hypervisor = "KVMKVMKVM";
    EXPECT_TRUE(mentions(notes(), "host-passthrough"));
    EXPECT_TRUE(mentions(notes(), "moving it to an older host"));
    host.cpu.kinds = {{"performance", {}, {}, 12, 6}, {"efficiency", {}, {}, 8, 8}};
    EXPECT_TRUE(mentions(notes(), "2 kinds of cores (6 performance, 8 efficiency cores)"));
    EXPECT_TRUE(mentions(notes(), "--threads 6"));
    host.cpu.kinds = {{"performance", "Cortex-X925", {}, 10, 10}, {"performance", "Cortex-A725", {}, 10, 10}};
    EXPECT_TRUE(mentions(notes(), "(10 Cortex-X925, 10 Cortex-A725 cores)"));
    host.gpus = {sized(nvidia("8.6"), 24576)};
    EXPECT_TRUE(mentions(notes(), "models up to 23.0 GiB fit on the GPU"));
    EXPECT_FALSE(mentions(notes(), "fit in memory"));
    host.gpus = {nvidia("8.6")};
    EXPECT_TRUE(mentions(notes(), "how large a model fits on the GPU cannot be said"));
}

}  // namespace
}  // namespace lf::plan
