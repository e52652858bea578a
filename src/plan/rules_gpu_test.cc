// SPDX-License-Identifier: MIT
#include "plan/rules_gpu.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "plan/explain.h"
#include "plan/machines_for_test.h"
#include "plan/nvidia_driver.h"
#include "plan/rules_cuda.h"

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

facts::Gpu with_driver(facts::Gpu gpu, const std::string& version) {
    gpu.driver_version = version;
    return gpu;
}

facts::Gpu chip(const std::string& name, std::optional<std::string> architecture, facts::Gpu gpu) {
    gpu.chip = name;
    gpu.architecture = std::move(architecture);
    return gpu;
}

facts::Gpu kfd(bool listed, facts::Gpu gpu) {
    gpu.kfd = listed;
    return gpu;
}

facts::Gpu on_xe(facts::Gpu gpu) {
    gpu.driver = "xe";
    gpu.integrated.reset();
    return gpu;
}

facts::Gpu at(const std::string& address, facts::Gpu gpu) {
    gpu.address = address;
    return gpu;
}

facts::Gpu sized(facts::Gpu gpu, std::optional<std::int64_t> own, std::optional<std::int64_t> shared) {
    gpu.memory_mib = own;
    gpu.shared_mib = shared;
    return gpu;
}

// Long: one row a kind of card.
TEST(RulesGpu, EveryKindOfCardHasItsVerdict) {
    const Verdict verdicts[] = {
        {"Ampere", nvidia("8.6"), "nvidia-cuda", "llama-cpp-cuda"},
        {"first Maxwell", nvidia("5.0"), "nvidia-cuda", "llama-cpp-cuda"},
        {"without a driver", nvidia("8.6", std::nullopt), "nvidia-cuda", "llama-cpp-cuda"},
        {"nouveau", nvidia("8.6", "nouveau"), "nvidia-on-nouveau", "llama-cpp-vulkan"},
        {"nova as Linux registers it", nvidia("12.0", "NovaCore"), "nvidia-on-nouveau", "llama-cpp-vulkan"},
        {"nova", nvidia("12.0", "nova_core"), "nvidia-on-nouveau", "llama-cpp-vulkan"},
        {"Pascal on nouveau", nvidia("6.1", "nouveau"), "nvidia-on-nouveau-slow", "llama-cpp-cpu"},
        {"driver of before CUDA 12", with_driver(nvidia("7.5"), "470.256.02"), "nvidia-driver-too-old",
         "llama-cpp-vulkan"},
        {"oldest driver for CUDA 12", with_driver(nvidia("7.5"), "525.60.13"), "nvidia-cuda", "llama-cpp-cuda"},
        {"Jetson Orin", at("platform:17000000.gpu", nvidia("8.7", "nvgpu")), "nvidia-cuda", "llama-cpp-cuda"},
        {"Jetson's own driver numbers", with_driver(at("platform:17000000.gpu", nvidia("8.7", "nvgpu")), "35.4.1"),
         "nvidia-cuda", "llama-cpp-cuda"},
        {"Jetson Nano", at("platform:57000000.gpu", nvidia("5.3", "nvgpu")), "tegra-too-old", "llama-cpp-cpu"},
        {"NVIDIA under WSL", at("wsl:dxg", nvidia("8.9", std::nullopt)), "nvidia-cuda", "llama-cpp-cuda"},
        {"AMD under WSL", at("wsl:dxg", amd("gfx1100", false, std::nullopt)), "wsl-without-cuda", "llama-cpp-cpu"},
        {"512 MiB", sized(nvidia("5.0"), 512, std::nullopt), "gpu-too-small", "llama-cpp-cpu"},
        {"exactly 1 GiB", sized(nvidia("5.0"), 1024, std::nullopt), "nvidia-cuda", "llama-cpp-cuda"},
        {"an APU's carve-out is not all", sized(amd("gfx1103", true), 512, 15000), "amd-integrated",
         "llama-cpp-vulkan"},
        {"an APU whose GTT is not known", sized(amd("gfx1103", true), 512, std::nullopt), "amd-integrated",
         "llama-cpp-vulkan"},
        {"Strix Halo", amd("gfx1151", true), "amd-large-apu", "llama-cpp-vulkan"},
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
        {"gfx1100 or so, perhaps integrated", amd("gfx1100", std::nullopt), "amd-perhaps-integrated",
         "llama-cpp-vulkan"},
        {"RX 6700 XT", amd("gfx1031", false), "amd-vulkan", "llama-cpp-vulkan"},
        {"Vega 10", amd("gfx900", false), "amd-vulkan", "llama-cpp-vulkan"},
        {"Polaris", amd("gfx803", false), "amd-vulkan", "llama-cpp-vulkan"},
        {"Hawaii", amd("gfx701", false, "radeon"), "amd-too-old", "llama-cpp-cpu"},
        {"Hawaii under amdgpu", amd("gfx701", false), "amd-gcn-1-2", "llama-cpp-vulkan"},
        {"Tahiti under amdgpu", amd("gfx600", false), "amd-gcn-1-2", "llama-cpp-vulkan"},
        {"TeraScale", chip("Northern Islands", "TeraScale 2 or 3", amd(std::nullopt, false)), "amd-before-gcn",
         "llama-cpp-cpu"},
        {"no KFD node", kfd(false, amd("gfx1100", false)), "amd-no-kfd", "llama-cpp-vulkan"},
        {"a KFD node", kfd(true, amd("gfx1100", false)), "amd-rocm", "llama-cpp-rocm"},
        {"MI300X without a KFD node", kfd(false, amd("gfx942", false)), "amd-compute-no-kfd", "llama-cpp-cpu"},
        {"an APU without a KFD node", kfd(false, amd("gfx1103", true)), "amd-integrated", "llama-cpp-vulkan"},
        {"newer than the table", amd(std::nullopt, std::nullopt), "amd-unknown-chip-with-driver", "llama-cpp-vulkan"},
        {"unknown AMD", amd(std::nullopt, std::nullopt, "radeon"), "amd-unknown-chip", "llama-cpp-cpu"},
        {"not a target", amd("gfx1100;rm", false, std::nullopt), "amd-unknown-chip", "llama-cpp-cpu"},
        {"Arc A770", intel("DG2 [Arc A770]", false), "intel-arc", "llama-cpp-vulkan"},
        {"Lunar Lake", intel("Lunar Lake [Intel Arc Graphics 130V / 140V]", true), "intel-arc", "llama-cpp-vulkan"},
        {"Lunar Lake of an old pci.ids", chip("Lunar Lake", "Xe2-LPG", intel("", true)), "intel-arc",
         "llama-cpp-vulkan"},
        {"Meteor Lake sold without the word",
         chip("Meteor Lake", "Xe-LPG", intel("Meteor Lake-P [Intel Graphics]", true)), "intel-arc", "llama-cpp-vulkan"},
        {"Arrow Lake of facts without a generation", chip("Arrow Lake-H", {}, intel("", true)), "intel-arc",
         "llama-cpp-vulkan"},
        {"an UHD with a wrong name", chip("Alder Lake-S", "Xe-LP", intel("Arc", true)), "intel-other", "llama-cpp-cpu"},
        {"Iris Xe MAX", chip("DG1", "Xe-LP", intel("", false)), "intel-card", "llama-cpp-vulkan"},
        {"Ponte Vecchio", chip("Ponte Vecchio", "Xe-HPC", intel("", false)), "intel-compute", "llama-cpp-cpu"},
        {"newer than the table, under xe", on_xe(intel("", false)), "intel-unknown-chip-with-driver",
         "llama-cpp-vulkan"},
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
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("8.6", "nouveau")})).notes, "could use CUDA with NVIDIA's"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {with_driver(nvidia("7.5"), "470.256.02")})).notes,
                         "has driver 470.256.02, and CUDA 12 needs 525.60.13"));
    facts::Gpu mig = nvidia("8.0");
    mig.partition = "mig";
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {mig})).notes, "MIG instances"));
    mig.partition = "vf";
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {mig})).notes, "virtual function"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {at("wsl:dxg", nvidia("8.9", std::nullopt))})).notes, "wsl/lib"));
    EXPECT_FALSE(
        mentions(plan_of(machine(kZen4, {at("wsl:dxg", nvidia("8.9", std::nullopt))})).notes, "no kernel driver is"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {at("platform:1.gpu", nvidia("8.7", "nvgpu"))})).notes, "JetPack"));
    EXPECT_TRUE(
        mentions(plan_of(machine(kZen4, {nvidia("8.6", std::nullopt)})).notes, "no kernel driver is bound; CUDA"));
    EXPECT_FALSE(mentions(plan_of(machine(kZen4, {nvidia("8.6")})).notes, "is bound"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("6.1")})).notes, "needs CUDA 12, CUDA 13 starts at 7.5"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("12.0")})).notes, "needs CUDA 12.8 or newer"));
    EXPECT_TRUE(mentions(plan_of(machine(kZen4, {nvidia("8.6", "vfio-pci")})).notes, "kept for a virtual machine"));
    EXPECT_TRUE(
        mentions(plan_of(machine(kZen4, {nvidia("8.6"), amd("gfx1100", false)})).notes, "llama-cpp-multi loads"));
}

TEST(RulesGpu, StrongCardsOfSeveralMakersAreUsedTogether) {
    struct Case {
        std::vector<facts::Gpu> gpus;
        const char* package;
        std::vector<std::string> multi;
    };
    const Case cases[] = {
        {{nvidia("8.6"), amd("gfx1100", false)}, "llama-cpp-multi", {"cuda", "rocm"}},
        {{nvidia("8.6"), amd("gfx1031", false)}, "llama-cpp-multi", {"cuda", "vulkan"}},
        {{nvidia("8.6"), intel("DG2 [Arc A770]", false)}, "llama-cpp-multi", {"cuda", "vulkan"}},
        {{nvidia("8.6"), amd("gfx1151", true)}, "llama-cpp-multi", {"cuda", "vulkan"}},
        {{nvidia("8.6"), amd("gfx1103", true)}, "llama-cpp-cuda", {}},
        {{nvidia("8.6"), amd("gfx1100", std::nullopt)}, "llama-cpp-cuda", {}},
        {{nvidia("8.6"), amd("gfx1100", false, "vfio-pci")}, "llama-cpp-cuda", {}},
        {{nvidia("8.6", "nouveau"), amd("gfx1100", false)}, "llama-cpp-rocm", {}},
        {{amd("gfx1100", false), amd("gfx1031", false)}, "llama-cpp-rocm", {}},
        {{amd("gfx1031", false), intel("DG2 [Arc A770]", false)}, "llama-cpp-vulkan", {}},
    };
    for (const Case& row : cases) {
        const Build build = plan_of(machine(kZen4, row.gpus)).build;
        EXPECT_EQ(build.package, row.package);
        EXPECT_EQ(build.multi, row.multi) << row.package;
    }
}

TEST(RulesGpu, TheCudaSetFitsEveryCardAndTheDriver) {
    const auto set = [](std::vector<facts::Gpu> gpus) {
        return plan_of(machine(kZen4, std::move(gpus))).build.cuda_packages.value_or("default");
    };
    EXPECT_EQ(set({}), "default");
    EXPECT_EQ(set({nvidia("8.6")}), "default");
    EXPECT_EQ(set({with_driver(nvidia("8.6"), "580.82.07")}), "default");
    EXPECT_EQ(set({with_driver(nvidia("8.6"), "580.0")}), "default");
    EXPECT_EQ(set({with_driver(nvidia("8.6"), "575.57.08")}), "cudaPackages_12");
    EXPECT_EQ(set({with_driver(nvidia("8.6"), "525.60.13")}), "cudaPackages_12");
    EXPECT_EQ(set({with_driver(nvidia("8.6"), "not a version")}), "default");
    EXPECT_EQ(set({nvidia("6.1")}), "cudaPackages_12");
    EXPECT_EQ(set({nvidia("7.2")}), "cudaPackages_12");
    EXPECT_EQ(set({nvidia("7.5")}), "default");
    EXPECT_EQ(set({nvidia("12.0")}), "cudaPackages_12_8");
    EXPECT_EQ(set({nvidia("10.0")}), "cudaPackages_12_8");
    EXPECT_EQ(set({nvidia("12.1")}), "cudaPackages_12_9");
    EXPECT_EQ(set({nvidia("10.3")}), "cudaPackages_12_9");
    EXPECT_EQ(set({nvidia("11.0")}), "cudaPackages_13");
    EXPECT_EQ(set({nvidia("6.1"), nvidia("8.6")}), "cudaPackages_12");
    EXPECT_EQ(set({nvidia("12.0"), nvidia("12.1")}), "cudaPackages_12_9");
    EXPECT_EQ(set({nvidia("3.5")}), "default");
    EXPECT_EQ(set({nvidia("12.0", "nouveau")}), "cudaPackages_12_8");  // should the owner choose cuda
    // Jetson numbers its drivers otherwise.
    EXPECT_EQ(set({with_driver(at("platform:17000000.gpu", nvidia("8.7")), "35.4.1")}), "default");
}

TEST(RulesGpu, WhereNoCudaServesAllCardsTheNewestDecides) {
    const Plan plan = plan_of(machine(kZen4, {nvidia("6.1"), nvidia("11.0"), nvidia("8.6")}));
    EXPECT_EQ(plan.build.package, "llama-cpp-cuda");
    EXPECT_EQ(plan.build.cuda_packages, "cudaPackages_13");
    EXPECT_EQ(plan.build.cuda_architectures, "86-real;110-real");
    EXPECT_TRUE(mentions(plan.notes, "needs CUDA 12 and another card here CUDA 13"));
}

TEST(RulesGpu, ADriverOfBefore550GetsCodeThatIsNotCompressed) {
    const auto flag = [](const Plan& plan) {
        const auto found = plan.build.extra_flags.find("GGML_CUDA_COMPRESSION_MODE");
        return found == plan.build.extra_flags.end() ? "default" : std::get<std::string>(found->second);
    };
    const auto with = [](const std::string& version) { return machine(kZen4, {with_driver(nvidia("8.6"), version)}); };
    const Plan old = plan_of(with("535.183.01"));
    EXPECT_EQ(old.build.package, "llama-cpp-cuda");
    EXPECT_EQ(flag(old), "none");
    EXPECT_EQ(line_of(old, "GGML_CUDA_COMPRESSION_MODE").rule, "cuda-uncompressed");
    EXPECT_TRUE(mentions(line_of(old, "GGML_CUDA_COMPRESSION_MODE").facts, "driver 535.183.01"));
    EXPECT_EQ(flag(plan_of(with("525.60.13"))), "none");
    EXPECT_EQ(flag(plan_of(with("550.54.14"))), "default");
    EXPECT_EQ(flag(plan_of(with("470.256.02"))), "default");  // Vulkan: no CUDA is made
    EXPECT_EQ(flag(plan_of(machine(kZen4, {nvidia("8.6")}))), "default");
    EXPECT_EQ(flag(plan_of(machine(kZen4, {with_driver(at("platform:17000000.gpu", nvidia("8.7")), "35.4.1")}))),
              "default");
    Override wish;
    wish.flags["GGML_CUDA_COMPRESSION_MODE"] = "speed";
    EXPECT_EQ(flag(plan_of(with("535.183.01"), wish)), "speed");
    EXPECT_EQ(line_of(plan_of(with("535.183.01"), wish), "GGML_CUDA_COMPRESSION_MODE").rule, "owner-override");
}

TEST(RulesGpu, CardsThatNoOneDriverServesAreNotPlannedTogether) {
    for (const char* old : {"5.2", "6.1", "7.0"})
        for (const char* newer : {"10.0", "12.0"}) {
            const Plan plan = plan_of(machine(kZen4, {nvidia(old), nvidia(newer)}));
            EXPECT_EQ(plan.build.cuda_architectures, std::string(newer) == "10.0" ? "100-real" : "120a-real") << old;
            EXPECT_TRUE(mentions(plan.notes, "needs the closed kernel modules of driver 580")) << old;
        }
    EXPECT_EQ(plan_of(machine(kZen4, {nvidia("6.1"), nvidia("8.9")})).build.cuda_architectures, "61-real;89-real");
    EXPECT_EQ(plan_of(machine(kZen4, {nvidia("7.5"), nvidia("12.0")})).build.cuda_architectures, "75-real;120a-real");
    // What a virtual machine has asks for no driver here.
    EXPECT_EQ(plan_of(machine(kZen4, {nvidia("6.1"), nvidia("12.0", "vfio-pci")})).build.cuda_architectures, "61-real");
    const Plan ignored =
        plan_of(machine(kZen4, {nvidia("6.1", std::nullopt), with_driver(nvidia("8.6"), "595.71.05")}));
    EXPECT_TRUE(mentions(ignored.notes, "driver 595.71.05 ignores it, 580 is the last that does not"));
}

TEST(RulesGpu, TheLinesForNvidiasDriverFitTheChip) {
    const auto note = [](facts::Gpu gpu) { return join(plan_of(machine(kZen4, {std::move(gpu)})).notes, "\n"); };
    const auto has = [](const std::string& text, const std::string& words) {
        return text.find(words) != std::string::npos;
    };
    for (const char* old : {"5.0", "6.1", "7.0"}) {
        const std::string text = note(nvidia(old, std::nullopt));
        EXPECT_TRUE(has(text, "hardware.nvidia.open = false;")) << text;
        EXPECT_TRUE(has(text, "nvidiaPackages.legacy_580;")) << text;
    }
    for (const char* newer : {"7.5", "8.6", "9.0", "12.0"}) {
        const std::string text = note(nvidia(newer, std::nullopt));
        EXPECT_TRUE(has(text, "hardware.nvidia.open = true;")) << text;
        EXPECT_FALSE(has(text, "legacy")) << text;
    }
    EXPECT_TRUE(has(note(with_driver(nvidia("6.1"), "470.256.02")), "nvidiaPackages.legacy_580;"));
    EXPECT_TRUE(has(note(nvidia("8.6", "nouveau")), "hardware.nvidia.open = true;"));
    EXPECT_TRUE(has(nixos_driver_lines(35), "legacy_470"));
    EXPECT_TRUE(has(nixos_driver_lines(0), "hardware.nvidia.open"));
    EXPECT_TRUE(too_new_for({590, 44, 1}, 61));
    EXPECT_FALSE(too_new_for({580, 95, 5}, 61));
    EXPECT_FALSE(too_new_for({590, 44, 1}, 75));
}

TEST(RulesGpu, ThorIsAJetsonThoughItSitsOnPci) {
    facts::Gpu thor = chip("GB10B", "Blackwell", nvidia("11.0", std::nullopt));
    thor.integrated = true;
    const Plan plan = plan_of(machine(kZen4, {thor}));
    EXPECT_TRUE(mentions(plan.notes, "is a Jetson: driver and CUDA come with NVIDIA's JetPack"));
    EXPECT_FALSE(mentions(plan.notes, "videoDrivers"));
    EXPECT_EQ(plan.build.cuda_packages, "cudaPackages_13");
}

TEST(RulesGpu, UnknownGpusAreNotNone) {
    facts::Machine host = machine(kZen4);
    host.gpus_known = false;
    const Plan plan = plan_of(host);
    EXPECT_EQ(plan.build.package, "llama-cpp-cpu");
    const Because line = line_of(plan, "package");
    EXPECT_EQ(line.rule, "package-cpu-gpus-unknown");
    EXPECT_FALSE(mentions(line.losers, "no NVIDIA card here"));
    EXPECT_FALSE(mentions(line.facts, "gpus is empty"));
    EXPECT_TRUE(mentions(plan.notes, "which GPUs this host has is not known"));
    EXPECT_NE(summary_text(host, plan).find("GPUs unknown"), std::string::npos);
    EXPECT_EQ(line_of(plan_of(machine(kZen4)), "package").rule, "package-cpu-no-gpu");
}

TEST(RulesGpu, TheOwnerMayNameTheCudaSet) {
    Override wish;
    wish.cuda_packages = "cudaPackages_13";
    const Plan plan = plan_of(machine(kZen4, {nvidia("8.6")}), wish);
    EXPECT_EQ(plan.build.cuda_packages, "cudaPackages_13");
    EXPECT_EQ(line_of(plan, "cuda.packages").rule, "owner-override");
    EXPECT_NE(refusal(machine(kZen4, {nvidia("6.1")}), wish).message.find("no machine code for"), std::string::npos);
    wish.cuda_packages = "default";
    EXPECT_EQ(plan_of(machine(kZen4, {nvidia("12.0")}), wish).build.cuda_packages, std::nullopt);
    wish.cuda_packages = "cudaPackages_12_8; x";
    EXPECT_EQ(refusal(machine(kZen4, {nvidia("8.6")}), wish).id, "plan-override");
    EXPECT_EQ(set_compiles_for("cudaPackages_12_6", 120), false);
    EXPECT_EQ(set_compiles_for("cudaPackages_12", 120), true);
    EXPECT_EQ(set_compiles_for("cudaPackages_13_0", 70), false);
    EXPECT_EQ(set_compiles_for("default", 70), std::nullopt);
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
