// SPDX-License-Identifier: MIT
// Which cards are judged, and what is asked of each.
#include <gtest/gtest.h>

#include <algorithm>

#include "hostcheck/world_for_test.h"

namespace lf::hostcheck {
namespace {

using namespace test;

TEST(HostCheck, OnlyCardsThatThePlanUsesAreJudged) {
    const auto ada = [](std::optional<std::string> driver) {
        facts::Gpu gpu = second(card("nvidia", std::move(driver)));
        gpu.compute_capability = "8.9";
        return gpu;
    };
    World world = cuda();
    for (const char* driver : {"vfio-pci", "pci-stub"}) {
        world.now.gpus.resize(1);
        world.now.gpus.push_back(ada(driver));
        EXPECT_EQ(world.id(), "") << "given away, and no code was made for it";
        world.now.gpus[1].compute_capability = "8.6";
        EXPECT_EQ(world.id(), "") << "given away, and another is at hand";
    }
    world.now.gpus[1] = ada("nouveau");
    world.now.gpus[1].compute_capability = "1.2";
    EXPECT_EQ(world.id(), "") << "GT218 on nouveau";
    world.now.gpus[1] = second(card("nvidia", std::nullopt));
    expect_only(world, "nvidia-driver-missing");
    EXPECT_TRUE(works(world.all())) << "half of the cards: a warning";
    world.now.gpus[0] = ada("nvidia");
    world.now.gpus.resize(1);
    expect_only(world, "nvidia-driver-missing");
    EXPECT_NE(world.all().findings[0].what.find("no card that it was planned for"), std::string::npos);

    world = rocm();
    world.now.gpus.push_back(second(card("amd", "vfio-pci")));
    EXPECT_EQ(world.id(), "") << "a second Radeon for a virtual machine";
    world.now.gpus[1] = second(card("amd", std::nullopt));
    world.now.gpus[1].gfx_target = "gfx1036";
    world.now.gpus[1].integrated = true;
    EXPECT_EQ(world.id(), "") << "the iGPU that nobody planned for";

    world = vulkan();
    world.now.gpus.push_back(ada("vfio-pci"));
    EXPECT_EQ(world.id(), "") << "no Vulkan driver of NVIDIA is missed";
    world.now.gpus[1] = second(card("amd", "radeon"));
    world.now.gpus[1].gfx_target.reset();
    world.now.gpus[1].chip = "Northern Islands";
    EXPECT_EQ(world.id(), "") << "a TeraScale card can have no amdgpu";
}

TEST(HostCheck, WhatTheOwnerChoseInSpiteOfTheRulesIsJudgedToo) {
    World world = vulkan();
    world.now.gpus = {card("nvidia", "nvidia")};
    expect_only(world, "vulkan-icd");
    world.now.gpus[0].driver = "nouveau";
    expect_only(world, "vulkan-icd");
}

TEST(HostCheck, KfdListsTheCard) {
    World world = rocm();
    world.now.gpus[0].kfd = true;
    EXPECT_EQ(world.id(), "");
    world.now.gpus[0].kfd = false;
    expect_only(world, "kfd");
    EXPECT_FALSE(works(world.all()));
    world.access.otherwise = Access::cannot_tell;  // a captured machine
    expect_only(world, "kfd");
    world.now.gpus.push_back(second(card("amd", "amdgpu")));
    world.now.gpus[1].kfd = true;
    EXPECT_TRUE(works(world.all()));
}

TEST(HostCheck, StrixHaloNeedsAKernelThatTellsTheSizeOfWaves) {
    World world = rocm();
    world.plan.build.rocm_targets = "gfx1151";
    world.now.gpus[0].gfx_target = "gfx1151";
    const auto unanswered = world.all().unanswered;
    EXPECT_EQ(std::ranges::count(unanswered, "kfd-cwsr", &Unanswered::id), 1);
    std::string& node = world.file("/sys/class/kfd/kfd/topology/nodes/1/properties");
    const auto found = [&] {
        const auto findings = world.all().findings;
        return std::ranges::count(findings, "kfd-cwsr", &Finding::id);
    };
    node = "simd_count 80\ngfx_target_version 110501\n";
    EXPECT_EQ(found(), 1);
    node += "cwsr_size 1234\n";
    EXPECT_EQ(found(), 0);
}

TEST(HostCheck, TheLinesForNvidiasDriverFitTheChip) {
    const auto cure = [](const char* capability, const char* loaded = nullptr) {
        World world = cuda();
        world.plan.build.cuda_architectures.reset();
        world.now.gpus[0].compute_capability = capability;
        world.now.gpus[0].driver.reset();
        if (loaded != nullptr) world.file("/sys/module/nvidia/version") = loaded;
        const Report report = world.all();
        return report.findings.empty() ? "" : report.findings[0].saw.back() + "\n" + report.findings[0].cure;
    };
    EXPECT_NE(cure("8.6").find("hardware.nvidia.open = true;"), std::string::npos);
    EXPECT_NE(cure("12.0").find("hardware.nvidia.open = true;"), std::string::npos);
    EXPECT_EQ(cure("12.0").find("legacy"), std::string::npos);
    EXPECT_NE(cure("6.1").find("hardware.nvidia.open = false;"), std::string::npos);
    EXPECT_NE(cure("6.1").find("nvidiaPackages.legacy_580"), std::string::npos);
    EXPECT_NE(cure("6.1", "595.71.05\n").find("595.71.05 is too new for this chip"), std::string::npos);
    EXPECT_EQ(cure("6.1", "580.95.05\n").find("too new"), std::string::npos);
}

TEST(HostCheck, ThorNeedsNoDriverOfNixos) {
    World world = cuda();
    world.plan.build.cuda_architectures = "110-real";
    world.now.gpus[0].chip = "GB10B";
    world.now.gpus[0].compute_capability = "11.0";
    world.now.gpus[0].driver.reset();
    EXPECT_EQ(world.id(), "");
}

}  // namespace
}  // namespace lf::hostcheck
