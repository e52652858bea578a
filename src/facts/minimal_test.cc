// SPDX-License-Identifier: MIT
#include "facts/minimal.h"

#include <gtest/gtest.h>

#include "facts/codec.h"

namespace lf::facts {
namespace {

TEST(Minimal, KeepsNothingThatNamesTheMachine) {
    Machine machine;
    machine.host = "carbon";
    machine.system = "x86_64-linux";
    machine.cpu.architecture = "x86_64";
    machine.cpu.model_name = "PLANTED Ryzen";
    machine.cpu.codename = "PLANTED Raphael";
    machine.cpu.vendor = "PLANTED vendor";
    machine.cpu.microarchitecture = "PLANTED zen4";
    machine.cpu.march = "PLANTED znver4";
    machine.cpu.gccarch = "znver4";
    machine.cpu.x86_64_level = 4;
    machine.cpu.sockets = 2;
    machine.cpu.numa_nodes = 2;
    machine.cpu.caches.push_back({3, "unified", 32768, 16, 64, 1});
    machine.cpu.family = 25;
    machine.cpu.model = 116;
    machine.cpu.stepping = 1;
    machine.cpu.features = {"avx2"};
    machine.cpu.kinds.emplace_back();
    machine.cpu.kinds[0].name = "PLANTED core";
    machine.cpu.kinds[0].midr = "0x414fd0b1";
    machine.cpu.kinds[0].cpus = 4;
    machine.environment.emplace().os = "PLANTED os";
    machine.notes = {"PLANTED note"};
    Gpu gpu;
    gpu.address = "0000:c4:00.3";
    gpu.vendor = "nvidia";
    gpu.compute_capability = "8.6";
    gpu.known_by = {{"chip", "PLANTED source"}};
    machine.gpus = {gpu, gpu};
    machine.gpus[1].address = "platform:17000000.gpu";

    const Machine kept = minimal(machine);
    const std::string json = to_json(kept);
    EXPECT_EQ(json.find("PLANTED"), std::string::npos) << json;
    EXPECT_EQ(json.find("0x414fd0b1"), std::string::npos) << json;
    EXPECT_EQ(kept.cpu.gccarch, "znver4") << "a fleet may build for it";
    EXPECT_EQ(kept.cpu.x86_64_level, std::nullopt);
    EXPECT_EQ(kept.cpu.sockets, std::nullopt);
    EXPECT_EQ(kept.cpu.numa_nodes, std::nullopt);
    EXPECT_TRUE(kept.cpu.caches.empty());
    EXPECT_EQ(kept.cpu.family, std::nullopt);
    EXPECT_EQ(kept.cpu.features, machine.cpu.features);
    EXPECT_EQ(kept.cpu.kinds[0].cpus, 4);
    EXPECT_EQ(kept.gpus[0].address, "0001:00:00.0");
    EXPECT_EQ(kept.gpus[1].address, "platform:1");
    EXPECT_EQ(kept.gpus[0].compute_capability, "8.6");
    const auto again = from_json(json, "facts.json");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(to_json(minimal(*again)), json) << "minimal facts are minimal";
}

}  // namespace
}  // namespace lf::facts
