// SPDX-License-Identifier: MIT
#include "hostcheck/hostcheck.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/files.h"
#include "base/json.h"
#include "hostcheck/world_for_test.h"

namespace lf::hostcheck {
namespace {

using namespace test;

TEST(HostCheck, FindsNothingWhereAllIsRight) {
    for (const World& world : {cuda(), rocm(), vulkan(), World()}) {
        const Report report = world.all();
        EXPECT_TRUE(report.findings.empty()) << to_text(report);
        EXPECT_TRUE(works(report));
        EXPECT_NE(to_text(report).find("nothing"), std::string::npos);
    }
}

TEST(HostCheck, DriversOfNvidia) {
    World world = cuda();
    world.now.gpus[0].driver = std::nullopt;
    expect_only(world, "nvidia-driver-missing");
    world.now.gpus[0].driver = "vfio-pci";
    expect_only(world, "nvidia-driver-missing");
    EXPECT_NE(world.all().findings[0].what.find("virtual machine"), std::string::npos);
    world.now.gpus[0].driver = "nouveau";
    expect_only(world, "nouveau-bound");
    world.now.gpus.clear();
    world.now.gpus = {card("amd", "amdgpu")};
    EXPECT_EQ(world.id(), "nvidia-driver-missing");
    world = cuda();
    world.now.gpus[0].driver_version = "470.256.02";
    expect_only(world, "nvidia-driver-too-old");
    world.now.gpus[0].driver_version = "570.86.10";
    EXPECT_EQ(world.id(), "");
    // The plan takes nixpkgs' default CUDA, which may be 13.
    EXPECT_EQ(world.all().unanswered.at(0).id, "nvidia-driver-too-old");
    world.plan.build.cuda_packages = "cudaPackages_12";
    EXPECT_TRUE(world.all().unanswered.empty());
    world.now.gpus[0].driver_version = "535.183.01";
    expect_only(world, "nvidia-driver-too-old");
    EXPECT_NE(world.all().findings[0].what.find("compressed"), std::string::npos);
    world.plan.build.extra_flags["GGML_CUDA_COMPRESSION_MODE"] = "none";
    EXPECT_EQ(world.id(), "");
    world.now.gpus[0].driver_version = "570.86.10";
    world.plan.build.cuda_packages = "cudaPackages_13";
    expect_only(world, "nvidia-driver-too-old");
    world.now.gpus[0].driver_version = std::nullopt;
    EXPECT_EQ(world.all().unanswered.at(0).id, "nvidia-driver-too-old");
}

TEST(HostCheck, DeviceFiles) {
    World world = cuda();
    world.access.known["/dev/nvidia-uvm"] = Access::missing;
    expect_only(world, "nvidia-devices");
    EXPECT_NE(world.all().findings[0].cure.find("nvidia-modprobe"), std::string::npos);
    world = rocm();
    world.access.known["/dev/kfd"] = Access::denied;
    expect_only(world, "kfd");
    EXPECT_NE(world.all().findings[0].cure.find("extraGroups"), std::string::npos);
    world = vulkan();
    world.access.known["/dev/dri/renderD129"] = Access::denied;
    expect_only(world, "render-node");
    world.access.otherwise = Access::cannot_tell;
    world.access.known.clear();
    EXPECT_EQ(world.id(), "");
    EXPECT_EQ(world.all().unanswered.at(0).id, "render-node");
    world = vulkan();
    world.now.gpus[0].driver = "radeon";
    expect_only(world, "amdgpu-missing");
    EXPECT_NE(world.all().findings[0].cure.find("amdgpu.cik_support"), std::string::npos);
}

TEST(HostCheck, Libraries) {
    World world = cuda();
    world.machine.inner.memory.texts.clear();
    world.file("/run/x") = "";
    expect_only(world, "driver-libraries");
    EXPECT_NE(world.all().findings[0].cure.find("hardware.graphics.enable"), std::string::npos);
    world.file("/run/opengl-driver/lib/libGL.so") = "";
    expect_only(world, "driver-libraries");
    EXPECT_NE(world.all().findings[0].saw[0].find("libcuda"), std::string::npos);
    world.now.environment->os_id = "debian";
    EXPECT_EQ(world.id(), "");
    world = cuda();
    world.now.gpus[0].address = "wsl:dxg";
    expect_only(world, "driver-libraries");
    world.file("/usr/lib/wsl/lib/libcuda.so.1") = "";
    EXPECT_EQ(world.id(), "");
    world = vulkan();
    world.machine.inner.memory.texts.erase("/run/opengl-driver/share/vulkan/icd.d/radeon_icd.x86_64.json");
    expect_only(world, "vulkan-icd");
    world.file("/usr/share/vulkan/icd.d/nvidia_icd.json") = "";  // another maker's
    expect_only(world, "vulkan-icd");
    world = rocm();
    world.plan.build.rocm_targets = "gfx1100;gfx1031";
    expect_only(world, "rocm-kernels");
    EXPECT_NE(world.all().findings[0].cure.find("HSA_OVERRIDE_GFX_VERSION = \"10.3.0\""), std::string::npos);
}

TEST(HostCheck, TheServicesSandbox) {
    const auto with = [](World world, const std::string& lines) {
        world.file("/etc/systemd/system/llama-cpp.service") = "[Unit]\nPrivateDevices=yes\n[Service]\n" + lines;
        return world;
    };
    const std::string groups = "DynamicUser=true\nSupplementaryGroups=render video\n";
    expect_only(with(cuda(), "PrivateDevices=true\n"), "service-devices");
    EXPECT_EQ(with(cuda(), "PrivateDevices=true\n# PrivateDevices=true\nPrivateDevices=false\n").id(), "");
    EXPECT_EQ(with(cuda(), "PrivateDevices=true\nPrivateDevices=\n").id(), "");
    expect_only(with(cuda(), "DeviceAllow=char-drm rw\n"), "service-device-allow");
    // The names of /proc/devices from driver 545 on, and before.
    const std::string uvm = "DeviceAllow=char-nvidia-uvm rw\n";
    EXPECT_EQ(with(cuda(), uvm + "DeviceAllow=char-nvidiactl rw\nDeviceAllow=/dev/null rw\n").id(), "");
    EXPECT_EQ(with(cuda(), uvm + "DeviceAllow=char-nvidia\n").id(), "");
    EXPECT_EQ(with(cuda(), "DeviceAllow=char-nvidia* rw\n").id(), "");
    EXPECT_EQ(with(cuda(), uvm + "DeviceAllow=/dev/nvidia0\nDeviceAllow=/dev/nvidiactl rw\n").id(), "");
    expect_only(with(cuda(), uvm + "DeviceAllow=char-nvidia-frontend rw\n"), "service-device-allow");
    expect_only(with(cuda(), uvm + "DeviceAllow=char-nvidia r\n"), "service-device-allow");
    expect_only(with(cuda(), uvm + "DeviceAllow=/dev/nvidia0 rw\n"), "service-device-allow");
    expect_only(with(cuda(), uvm + "DeviceAllow=/dev/nvidia-modeset rw\n"), "service-device-allow");
    expect_only(with(cuda(), "DeviceAllow=char-nvidia rw\n"), "service-device-allow");
    World older = cuda();
    older.plan.build.cuda_packages = "cudaPackages_12";
    older.plan.build.extra_flags["GGML_CUDA_COMPRESSION_MODE"] = "none";
    older.now.gpus[0].driver_version = "535.183.01";
    EXPECT_EQ(with(older, uvm + "DeviceAllow=char-nvidia-frontend rw\n").id(), "");
    expect_only(with(older, uvm + "DeviceAllow=char-nvidia rw\n"), "service-device-allow");
    World mig = cuda();
    mig.now.gpus[0].partition = "mig";
    expect_only(with(mig, "DeviceAllow=char-nvidia\n" + uvm), "service-device-allow");
    EXPECT_EQ(with(mig, "DeviceAllow=char-nvidia\nDeviceAllow=char-nvidia-caps\n" + uvm).id(), "");
    for (const Finding& found : with(cuda(), "DeviceAllow=char-drm rw\n").all().findings)
        EXPECT_NE(found.cure.find("\"char-nvidiactl\""), std::string::npos) << found.cure;
    expect_only(with(rocm(), groups + "DeviceAllow=/dev/dri/renderD128\n"), "service-device-allow");
    EXPECT_EQ(with(rocm(), groups + "DeviceAllow=char-drm \\\n  rw\nDeviceAllow=/dev/kfd rw\n").id(), "");
    // Machine code only: nothing is compiled when the program starts.
    EXPECT_EQ(with(cuda(), "MemoryDenyWriteExecute=true\n").id(), "");
    World ptx = cuda();
    ptx.plan.build.cuda_architectures = "86-real;90-virtual";
    expect_only(with(ptx, "MemoryDenyWriteExecute=true\n"), "service-memory");
    expect_only(with(rocm(), groups + "MemoryDenyWriteExecute=true\n"), "service-memory");
    expect_only(with(vulkan(), "DynamicUser=true\n"), "service-groups");
    expect_only(with(vulkan(), "DynamicUser=true\nSupplementaryGroups=notrenderx\n"), "service-groups");
    EXPECT_EQ(with(vulkan(), groups).id(), "");
    EXPECT_EQ(with(vulkan(), "User=root\n").id(), "");
    EXPECT_EQ(with(cuda(), "[=\n=\n\\\n\\").id(), "");
    EXPECT_EQ(with(World(), "PrivateDevices=true\n").id(), "");  // the CPU alone needs no device
}

TEST(HostCheck, TheCpuOfToday) {
    World world;
    world.plan.build.cpu_flags = {{"GGML_AVX2", true}, {"GGML_AVX512", false}};
    world.now.cpu.features = {"avx2"};
    EXPECT_EQ(world.id(), "");
    world.now.cpu.features = {"avx"};
    expect_only(world, "cpu-lacks");
    world.now.cpu.features = {};
    EXPECT_EQ(world.all().unanswered.at(0).id, "cpu-lacks");
}

TEST(HostCheck, TheCpuOfTodayByTheNameOfAProcessor) {
    World arm;
    arm.now.cpu.architecture = "aarch64";
    arm.plan.build.cpu_flags = {{"GGML_CPU_ARM_ARCH", std::string("armv8.2-a+dotprod")}};
    arm.now.cpu.features = {"fp", "asimd", "crc32", "atomics", "asimdrdm", "asimddp"};
    EXPECT_EQ(arm.id(), "");
    arm.now.cpu.features.erase("asimddp");
    expect_only(arm, "cpu-lacks");
    World power;
    power.now.cpu.architecture = "ppc64le";
    power.plan.build.cpu_flags = {{"GGML_CPU_POWERPC_CPUTYPE", std::string("power9")}};
    power.now.cpu.features = {"altivec", "arch_2_07", "arch_3_00"};
    EXPECT_EQ(power.id(), "");
    power.now.cpu.features.erase("arch_3_00");
    expect_only(power, "cpu-lacks");
}

TEST(HostCheck, WhatTheOperatingSystemDoesNotSave) {
    World world;
    // Leaf 7 says AVX2 (EBX bit 5), XCR0 has x87 and SSE only.
    world.machine.inner.add(0, "0 0 7 0 0 0\n7 0 0 20 0 0\nXCR0 3\n");
    world.plan.build.cpu_flags = {{"GGML_AVX2", true}};
    world.now.cpu.features = {"sse2"};
    expect_only(world, "os-does-not-save");
}

TEST(HostCheck, AmxIsGrantedByTheKernel) {
    World world;
    world.plan.build.cpu_flags = {{"GGML_AMX_TILE", true}};
    EXPECT_EQ(world.all().unanswered.at(0).id, "amx-permission");
    world.machine.answers[probe::Question::xcomp] = "supported 0000000000060000\npermitted 0000000000000000\n";
    EXPECT_TRUE(world.all().findings.empty());
    world.machine.answers[probe::Question::xcomp] = "supported 0000000000020000\n";
    expect_only(world, "amx-permission");
    world.machine.answers[probe::Question::xcomp] = "supported zzz\n\x1b";
    EXPECT_EQ(world.all().unanswered.at(0).id, "amx-permission");
}

TEST(HostCheck, LicenceDiskAndFacts) {
    World world = cuda();
    world.now.environment->allow_unfree = false;
    expect_only(world, "unfree");
    world.now.environment->allow_unfree = std::nullopt;
    EXPECT_EQ(world.all().unanswered.at(0).id, "unfree");
    world = cuda();
    world.now.environment->store_free_gib = 10;
    expect_only(world, "disk");
    EXPECT_TRUE(works(world.all()));  // a warning
    world = cuda();
    world.committed = world.now;
    EXPECT_EQ(world.id(), "");
    world.committed->cpu.features.insert("avx512f");
    world.committed->gpus.push_back(card("amd", "amdgpu"));
    expect_only(world, "facts-stale");
    EXPECT_EQ(world.all().findings[0].saw.size(), 2U);
}

TEST(HostCheck, EveryCheckIsInTheDocsAndOnce) {
    const auto doc = read_file(std::string(LLAMA_FLEET_SOURCE_DIR) + "/doc/host.md");
    ASSERT_TRUE(doc);
    std::set<std::string_view> seen;
    for (const Check& check : checks()) {
        EXPECT_TRUE(seen.insert(check.id).second) << check.id;
        EXPECT_NE(doc->find("\n## " + std::string(check.id) + "\n"), std::string::npos) << check.id;
    }
    std::size_t headings = 0;
    for (std::size_t at = doc->find("\n## "); at != std::string::npos; at = doc->find("\n## ", at + 1)) ++headings;
    EXPECT_EQ(headings, checks().size());
}

TEST(HostCheck, ReportsAreSafeAndReadable) {
    World world = cuda();
    world.now.gpus[0].name = "x\x1b[2J" + std::string(200, 'n');
    world.now.gpus[0].driver = "ev\x1bil";
    const Report report = world.all();
    EXPECT_EQ(to_text(report).find('\x1b'), std::string::npos);
    const auto json = parse_json(to_json(report), "report");
    ASSERT_TRUE(json);
    EXPECT_EQ((*json)["works"], false);
    EXPECT_EQ((*json)["findings"][0]["id"], "nvidia-driver-missing");
    EXPECT_FALSE(works(report));
}

}  // namespace
}  // namespace lf::hostcheck
