// SPDX-License-Identifier: MIT
#include "plan/rules_gpu.h"

#include <gtest/gtest.h>

#include "plan/machines_for_test.h"

namespace lf::plan {
namespace {

using namespace test;

struct Verdict {
    const char* what;
    facts::Gpu gpu;
    const char* rule;
    const char* package;
};

facts::Gpu other(std::uint16_t vendor_id) {
    facts::Gpu gpu;
    gpu.vendor = "other";
    gpu.vendor_id = vendor_id;
    gpu.device_id = 0x2000;
    return gpu;
}

TEST(RulesGpu, EveryKindOfCardHasItsVerdict) {
    const Verdict verdicts[] = {
        {"Ampere", nvidia("8.6"), "nvidia-cuda", "llama-cpp-cuda"},
        {"first Maxwell", nvidia("5.0"), "nvidia-cuda", "llama-cpp-cuda"},
        {"without a driver", nvidia("8.6", std::nullopt), "nvidia-cuda", "llama-cpp-cuda"},
        {"nouveau", nvidia("8.6", "nouveau"), "nvidia-cuda", "llama-cpp-cuda"},
        {"Kepler", nvidia("3.5"), "nvidia-too-old", "llama-cpp-cpu"},
        {"given to a virtual machine", nvidia("8.6", "vfio-pci"), "gpu-given-away", "llama-cpp-cpu"},
        {"unknown chip, driver", nvidia(std::nullopt), "nvidia-unknown-chip-with-driver", "llama-cpp-vulkan"},
        {"unknown chip", nvidia(std::nullopt, std::nullopt), "nvidia-unknown-chip", "llama-cpp-cpu"},
        {"no capability of any CUDA", nvidia("42.7", std::nullopt), "nvidia-unknown-chip", "llama-cpp-cpu"},
        {"not a capability", nvidia("8.6;x", std::nullopt), "nvidia-unknown-chip", "llama-cpp-cpu"},
        {"RX 7900 XTX", amd("gfx1100", false), "amd-rocm", "llama-cpp-rocm"},
        {"MI300X", amd("gfx942", false), "amd-compute", "llama-cpp-rocm"},
        {"MI300A", amd("gfx942", true), "amd-compute", "llama-cpp-rocm"},
        {"Radeon 780M", amd("gfx1103", true), "amd-integrated", "llama-cpp-vulkan"},
        {"gfx1100 or so, perhaps integrated", amd("gfx1100", std::nullopt), "amd-vulkan", "llama-cpp-vulkan"},
        {"RX 6700 XT", amd("gfx1031", false), "amd-vulkan", "llama-cpp-vulkan"},
        {"Vega 10", amd("gfx900", false), "amd-vulkan", "llama-cpp-vulkan"},
        {"Polaris", amd("gfx803", false), "amd-vulkan", "llama-cpp-vulkan"},
        {"Hawaii", amd("gfx701", false, "radeon"), "amd-too-old", "llama-cpp-cpu"},
        {"newer than the table", amd(std::nullopt, std::nullopt), "amd-unknown-chip-with-driver", "llama-cpp-vulkan"},
        {"unknown AMD", amd(std::nullopt, std::nullopt, "radeon"), "amd-unknown-chip", "llama-cpp-cpu"},
        {"not a target", amd("gfx1100;rm", false, std::nullopt), "amd-unknown-chip", "llama-cpp-cpu"},
        {"Arc A770", intel("DG2 [Arc A770]", false), "intel-arc", "llama-cpp-vulkan"},
        {"Lunar Lake", intel("Lunar Lake [Intel Arc Graphics 130V / 140V]", true), "intel-arc", "llama-cpp-vulkan"},
        {"UHD", intel("Alder Lake-S GT1 [UHD Graphics 770]", true), "intel-other", "llama-cpp-cpu"},
        {"not the word Arc", intel("Architecture Archer", true), "intel-other", "llama-cpp-cpu"},
        {"ASPEED", other(0x1a03), "gpu-for-display-only", "llama-cpp-cpu"},
        {"QXL", other(0x1b36), "gpu-for-display-only", "llama-cpp-cpu"},
    };
    for (const Verdict& verdict : verdicts) {
        const facts::Machine host = machine(kZen4, {verdict.gpu});
        EXPECT_EQ(judge_cards(host).at(0).rule->id, verdict.rule) << verdict.what;
        EXPECT_EQ(plan_of(host).build.package, verdict.package) << verdict.what;
    }
    EXPECT_EQ(plan_of(machine(kZen4)).build.package, "llama-cpp-cpu");
}

TEST(RulesGpu, CudaGetsMachineCodeForExactlyItsCards) {
    const auto architectures = [](std::vector<facts::Gpu> gpus) {
        return plan_of(machine(kZen4, std::move(gpus))).build.cuda_architectures.value_or("none");
    };
    EXPECT_EQ(architectures({nvidia("8.6")}), "86-real");
    EXPECT_EQ(architectures({nvidia("8.9"), nvidia("8.6"), nvidia("8.9")}), "86-real;89-real");
    EXPECT_EQ(architectures({nvidia("9.0")}), "90-real");
    EXPECT_EQ(architectures({nvidia("12.0")}), "120a-real");
    EXPECT_EQ(architectures({nvidia("12.1"), nvidia("8.6")}), "86-real;121a-real");
    EXPECT_EQ(architectures({nvidia("10.0")}), "100-real");
    EXPECT_EQ(architectures({nvidia("8.6"), nvidia("3.5")}), "86-real");
    EXPECT_EQ(architectures({nvidia("8.6", "vfio-pci"), nvidia("8.9")}), "89-real");
    EXPECT_EQ(architectures({nvidia("3.5")}), "none");
}

TEST(RulesGpu, TargetsOfCardsThatLostStayThere) {
    const Build carbon = plan_of(machine(kZen4, {nvidia("8.6"), amd("gfx1103", true)})).build;
    EXPECT_EQ(carbon.package, "llama-cpp-cuda");
    EXPECT_EQ(carbon.rocm_targets, "gfx1103");
    const Build radeon = plan_of(machine(kZen4, {amd("gfx1100", false), amd("gfx1036", true)})).build;
    EXPECT_EQ(radeon.rocm_targets, "gfx1100");  // the integrated one would only slow the build and the model
    EXPECT_EQ(plan_of(machine(kZen4, {amd("gfx803", false)})).build.rocm_targets, std::nullopt);
    EXPECT_EQ(plan_of(machine(kZen4, {amd("gfx1100", false, "vfio-pci")})).build.rocm_targets, std::nullopt);
}

TEST(RulesGpu, LosersAreNamedWithTheirReasons) {
    const Plan plan = plan_of(machine(kZen4, {nvidia("8.6"), amd("gfx1103", true)}));
    const Because line = line_of(plan, "package");
    EXPECT_EQ(line.rule, "package-cuda");
    EXPECT_EQ(line.facts.at(0), "gpus[0] 10de:25a2 GA107M is 8.6, driver nvidia: cuda (nvidia-cuda)");
    EXPECT_EQ(line.facts.at(1), "gpus[1] 1002:15bf is gfx1103, integrated, driver amdgpu: vulkan (amd-integrated)");
    EXPECT_TRUE(mentions(line.losers, "llama-cpp-vulkan: on NVIDIA cards CUDA is faster"));
    EXPECT_TRUE(mentions(line.losers, "llama-cpp-rocm: gpus[1]: an integrated GPU"));
    EXPECT_TRUE(mentions(line.losers, "gpus[1] 1002:15bf: vulkan would serve it"));
    EXPECT_TRUE(mentions(line.losers, "llama-cpp-cpu: leaves the GPU unused"));
}

TEST(RulesGpu, WhatKeepsACardFromWorkingIsNoted) {
    EXPECT_TRUE(
        mentions(plan_of(machine(kZen4, {nvidia("8.6", "nouveau")})).notes, "nouveau is bound; CUDA works with"));
    EXPECT_TRUE(
        mentions(plan_of(machine(kZen4, {nvidia("8.6", std::nullopt)})).notes, "no kernel driver is bound; CUDA"));
    EXPECT_FALSE(mentions(plan_of(machine(kZen4, {nvidia("8.6")})).notes, "is bound"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("6.1")})).notes, "needs CUDA 12, CUDA 13 starts at 7.5"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("12.0")})).notes, "needs CUDA 12.8 or newer"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("8.6", "vfio-pci")})).notes, "kept for a virtual machine"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("8.6"), amd("gfx1100", false)})).notes, "\"multi\""));
}

TEST(RulesGpu, RocmAndCudaOnlyWhereTheyExist) {
    facts::Machine host = machine({}, {amd("gfx1100", false)});
    host.system = "aarch64-linux";
    host.cpu.architecture = "aarch64";
    EXPECT_EQ(plan_of(host).build.package, "llama-cpp-vulkan");
    EXPECT_EQ(plan_of(host).build.rocm_targets, std::nullopt);
    host.gpus = {nvidia("9.0")};
    EXPECT_EQ(plan_of(host).build.package, "llama-cpp-cuda");
    host.system = "riscv64-linux";
    EXPECT_EQ(plan_of(host).build.package, "llama-cpp-vulkan");
    host.gpus = {amd("gfx942", false)};
    EXPECT_EQ(plan_of(host).build.package, "llama-cpp-cpu");
}

}  // namespace
}  // namespace lf::plan
