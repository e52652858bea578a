// SPDX-License-Identifier: MIT
// Whole machines, made of the files that such machines show. Ids and layouts are those of pci.ids and of the kernel's
// documentation (Documentation/gpu, Documentation/ABI/testing/sysfs-*).
#include <gtest/gtest.h>

#include "probe/gpu_machine_test.h"

namespace lf::probe {
namespace {

constexpr std::uint16_t kNvidia = 0x10de;
constexpr std::uint16_t kAmd = 0x1002;
constexpr std::uint16_t kIntel = 0x8086;

TEST(GpuMachines, Rtx5090BesideAnIntegratedGpu) {
    GpuMachine m;
    m.card("0000:00:02.0", kIntel, 0x7d67, "i915")
        .card("0000:01:00.0", kNvidia, 0x2b85, "nvidia")
        .nvidia_driver("580.82.07");
    m.answer(Question::nvml,
             "nvml 1\ndriver 580.82.07\ncuda 13000\ncard 0000:01:00.0 10de:2b85\nname NVIDIA GeForce RTX "
             "5090\ncapability 12.0\nmemory 34190917632\nend\n");
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 2U);
    EXPECT_EQ(gpus[0].chip, "Arrow Lake");
    EXPECT_EQ(gpus[0].integrated, true);
    EXPECT_EQ(gpus[1].chip, "GB202");
    EXPECT_EQ(gpus[1].architecture, "Blackwell");
    EXPECT_EQ(gpus[1].compute_capability, "12.0");
    EXPECT_EQ(gpus[1].known_by.at("compute_capability"), "chip GB202 (table)");
    EXPECT_EQ(gpus[1].driver_version, "580.82.07");
    EXPECT_EQ(gpus[1].known_by.at("driver_version"), "/sys/module/nvidia/version");
    EXPECT_EQ(gpus[1].memory_mib, 32607);
    EXPECT_EQ(gpus[1].known_by.at("memory_mib"), "NVML");
    EXPECT_EQ(gpus[1].integrated, false);
    EXPECT_TRUE(m.survives());
}

TEST(GpuMachines, Rx7900XtxBesideRaphael) {
    GpuMachine m;
    m.amdgpu("0000:03:00.0", 0x744c, 24560, 31000).amdgpu("0000:12:00.0", 0x164e, 512, 31000);
    m.kfd(0, 0, 0).kfd(1, 110000, 3).kfd(2, 100306, 0x12);
    m.answer(Question::vulkan,
             "vulkan 1\ndevice 1002:744c type 2 driver 1 at 0000:03:00.0\n"
             "device 1002:744c type 2 driver 3 at 0000:03:00.0\n"
             "device 1002:164e type 1 driver 3 at 0000:12:00.0\n"
             "device 10005:0000 type 4 driver 13 at -\nend\n");
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 2U) << "two drivers list one card, llvmpipe is none";
    EXPECT_EQ(gpus[0].gfx_target, "gfx1100");
    EXPECT_EQ(gpus[0].known_by.at("gfx_target"), "KFD topology");
    EXPECT_EQ(gpus[0].memory_mib, 24560);
    EXPECT_EQ(gpus[0].shared_mib, 31000);
    EXPECT_EQ(gpus[0].vulkan_driver, "radv") << "RADV before AMD's own";
    EXPECT_EQ(gpus[0].integrated, false);
    EXPECT_EQ(gpus[1].gfx_target, "gfx1036");
    EXPECT_EQ(gpus[1].integrated, true);
    EXPECT_FALSE(m.machine.asked.contains(Question::nvml)) << "there is nothing for NVML";
    EXPECT_FALSE(m.noted("KFD does not list"));
    m.amdgpu("0000:13:00.0", 0x67df, 8192, 31000).gpus();
    EXPECT_TRUE(m.noted("KFD does not list the card at 0000:13:00.0"));
}

TEST(GpuMachines, StrixHaloIsIntegratedWhateverItsCarveOut) {
    GpuMachine m;
    m.amdgpu("0000:c5:00.0", 0x1586, 96 * 1024, 16 * 1024, "0x038000");
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 1U);
    EXPECT_EQ(gpus[0].gfx_target, "gfx1151");
    EXPECT_EQ(gpus[0].integrated, true);
    EXPECT_EQ(gpus[0].memory_mib, 98304);
    EXPECT_EQ(gpus[0].architecture, "RDNA3.5");
}

TEST(GpuMachines, EightMi300xAndASplitOne) {
    GpuMachine m;
    for (int i = 0; i < 8; ++i) {
        const int bus = 0x05 + i * 0x10;
        m.amdgpu(fmt::format("0000:{:02x}:00.0", bus), 0x74a1, 196592, 1000000, "0x120000").kfd(i + 2, 90402, bus);
        m.file(GpuMachine::folder(fmt::format("0000:{:02x}:00.0", bus)) + "/current_compute_partition") = "SPX\n";
    }
    auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 8U);
    for (const auto& gpu : gpus) {
        EXPECT_EQ(gpu.gfx_target, "gfx942");
        EXPECT_EQ(gpu.memory_mib, 196592);
        EXPECT_EQ(gpu.partition, std::nullopt);
    }
    m.file(GpuMachine::folder("0000:05:00.0") + "/current_compute_partition") = "CPX\n";
    EXPECT_EQ(m.gpus()[0].partition, "cpx");
    EXPECT_TRUE(m.noted("mode CPX"));
}

TEST(GpuMachines, Mi350xByItsId) {
    GpuMachine m;
    m.machine.ids = "1002  AMD\n\t75a3  Aqua Vanjaram [Instinct MI355X]\n";
    m.card("0000:05:00.0", kAmd, 0x75a3, "amdgpu", "0x120000");
    const auto gpus = m.gpus();
    EXPECT_EQ(gpus.at(0).gfx_target, "gfx950");
    EXPECT_EQ(gpus.at(0).architecture, "CDNA4");
}

TEST(GpuMachines, ArcCards) {
    GpuMachine m;
    m.card("0000:03:00.0", kIntel, 0xe20b, "xe");
    m.file(GpuMachine::folder("0000:03:00.0") + "/tile0/physical_vram_size_bytes") = "12884901888\n";
    auto gpus = m.gpus();
    EXPECT_EQ(gpus.at(0).chip, "Battlemage");
    EXPECT_EQ(gpus.at(0).architecture, "Xe2-HPG");
    EXPECT_EQ(gpus.at(0).integrated, false);
    EXPECT_EQ(gpus.at(0).memory_mib, 12288);

    GpuMachine two;
    const std::string arc = GpuMachine::folder("0000:03:00.0");
    const std::string bars =
        "0x00000000a0000000 0x00000000a0ffffff 0x0000000000140204\n"
        "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
        "0x0000004000000000 0x00000043ffffffff 0x000000000014220c\n";
    two.card("0000:00:02.0", kIntel, 0x4680, "i915").card("0000:03:00.0", kIntel, 0x56a0, "i915");
    two.file(arc + "/resource") = bars;
    gpus = two.gpus();
    ASSERT_EQ(gpus.size(), 2U);
    EXPECT_EQ(gpus[0].architecture, "Xe-LP");
    EXPECT_EQ(gpus[0].integrated, true);
    EXPECT_EQ(gpus[0].memory_mib, std::nullopt);
    EXPECT_EQ(gpus[1].chip, "DG2");
    EXPECT_EQ(gpus[1].memory_mib, 16384);
    EXPECT_EQ(gpus[1].known_by.at("memory_mib"), "size of BAR 2");
    // A B580 has 12 GiB behind a BAR of 16: unknown rather than wrong. A window of 256 MiB says nothing either.
    two.card("0000:03:00.0", kIntel, 0xe20b, "xe");
    EXPECT_EQ(two.gpus()[1].memory_mib, std::nullopt);
    two.card("0000:03:00.0", kIntel, 0x56a0, "i915");
    two.file(arc + "/resource") = "0 0 0\n0 0 0\n0x4000000000 0x400fffffff 0x14220c\n";
    EXPECT_EQ(two.gpus()[1].memory_mib, std::nullopt);
}

TEST(GpuMachines, AnNpuIsNoGpu) {
    GpuMachine m;
    m.card("0000:00:02.0", kIntel, 0x7d55, "xe").card("0000:00:0b.0", kIntel, 0x7d1d, "intel_vpu", "0x120000");
    EXPECT_EQ(m.gpus().size(), 1U);
}

TEST(GpuMachines, ABoardsOwnDisplayBesideV100) {
    GpuMachine m;
    m.card("0000:02:00.0", 0x1a03, 0x2000, "ast").card("0000:3b:00.0", kNvidia, 0x1db4, "nvidia", "0x030200");
    m.file("/proc/driver/nvidia/version") =
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.247.01  Tue Mar 25 00:00:00 UTC 2025\nGCC version: 12.2\n";
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 2U);
    EXPECT_EQ(gpus[0].vendor, "other");
    EXPECT_EQ(gpus[1].compute_capability, "7.0");
    EXPECT_EQ(gpus[1].driver_version, "535.247.01");
    m.file("/proc/driver/nvidia/version") =
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  595.84  Release Build\n";
    EXPECT_EQ(m.gpus()[1].driver_version, "595.84");
    m.file("/proc/driver/nvidia/version") = "NVRM version: rubbish\n";
    EXPECT_EQ(m.gpus()[1].driver_version, std::nullopt);
}

TEST(GpuMachines, MemoryThatOnlyNvmlTellsIsMissedAloud) {
    GpuMachine m;
    m.card("0000:01:00.0", kNvidia, 0x2b85, "nvidia");
    EXPECT_EQ(m.gpus().at(0).memory_mib, std::nullopt);
    EXPECT_TRUE(m.noted("the memory of NVIDIA cards is unknown: NVIDIA's library (NVML) was not asked"));
    m.answer(Question::nvml, "failed a static program cannot load it\n").gpus();
    EXPECT_FALSE(m.noted("was not asked")) << "one note is enough";
    EXPECT_TRUE(m.noted("a static program cannot load it"));
    m.answer(Question::nvml, "nvml 1\ncard 0000:01:00.0 10de:2b85\nmemory 34190917632\nend\n").gpus();
    EXPECT_FALSE(m.noted("the memory of NVIDIA cards"));
}

TEST(GpuMachines, NouveauOrNothing) {
    GpuMachine m;
    m.card("0000:01:00.0", kNvidia, 0x2504, "nouveau");
    m.answer(Question::vulkan, "vulkan 1\ndevice 10de:2504 type 2 driver 24 at 0000:01:00.0\nend\n");
    EXPECT_EQ(m.gpus().at(0).compute_capability, "8.6");
    EXPECT_EQ(m.gpus().at(0).vulkan_driver, "nvk");
    EXPECT_FALSE(m.machine.asked.contains(Question::nvml));
    GpuMachine none;
    none.card("0000:01:00.0", kNvidia, 0x2504, "");
    EXPECT_EQ(none.gpus().at(0).compute_capability, "8.6");
    EXPECT_EQ(none.gpus().at(0).driver, std::nullopt);
    EXPECT_TRUE(none.machine.asked.empty());
}

TEST(GpuMachines, OldCards) {
    struct Old {
        std::uint16_t vendor, device;
        const char* target;
    };
    for (const Old& old : {Old{kNvidia, 0x1187, "3.0"}, Old{kNvidia, 0x1080, "2.0"}, Old{kNvidia, 0x128b, "3.5"},
                           Old{kNvidia, 0x05e2, "1.3"}, Old{kAmd, 0x6810, "gfx601"}, Old{kAmd, 0x67df, "gfx803"},
                           Old{kAmd, 0x66af, "gfx906"}, Old{kAmd, 0x67b0, "gfx701"}}) {
        GpuMachine m;
        m.card("0000:01:00.0", old.vendor, old.device, "");
        const auto gpus = m.gpus();
        EXPECT_EQ(old.vendor == kNvidia ? gpus.at(0).compute_capability : gpus.at(0).gfx_target, old.target);
        EXPECT_EQ(gpus[0].integrated, false);
    }
    GpuMachine older;
    older.card("0000:01:00.0", kNvidia, 0x0091, "nouveau").card("0000:02:00.0", kAmd, 0x6718, "radeon");
    const auto gpus = older.gpus();
    EXPECT_EQ(gpus[0].compute_capability, std::nullopt);
    EXPECT_EQ(gpus[0].architecture, "Curie");
    EXPECT_EQ(gpus[1].gfx_target, std::nullopt);
    EXPECT_TRUE(older.noted("older than CUDA"));
    EXPECT_TRUE(older.noted("older than GCN"));
}

TEST(GpuMachines, SteamDecks) {
    for (const std::uint16_t device : {std::uint16_t{0x163f}, std::uint16_t{0x1435}}) {
        GpuMachine m;
        m.amdgpu("0000:04:00.0", device, 1024, 8 * 1024);
        EXPECT_EQ(m.gpus().at(0).gfx_target, "gfx1033");
        EXPECT_EQ(m.gpus().at(0).integrated, true);
    }
}

TEST(GpuMachines, TwoEqualCardsAreTwo) {
    GpuMachine m;
    m.card("0000:41:00.0", kNvidia, 0x2204, "nvidia").card("0000:42:00.0", kNvidia, 0x2204, "nvidia");
    m.answer(Question::vulkan,
             "vulkan 1\ndevice 10de:2204 type 2 driver 4 at -\ndevice 10de:2204 type 2 driver 4 at -\n"
             "device 10de:2204 type 2 driver 24 at -\nend\n");
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 2U);
    EXPECT_EQ(gpus[0].vulkan_driver, "nvidia");
    EXPECT_EQ(gpus[1].vulkan_driver, "nvidia");
    EXPECT_FALSE(m.noted("does not show"));
}

TEST(GpuMachines, MixedVendors) {
    GpuMachine m;
    m.card("0000:01:00.0", kNvidia, 0x2684, "nvidia").amdgpu("0000:02:00.0", 0x7550, 16304, 31000);
    m.card("0000:03:00.0", kIntel, 0xe20b, "xe");
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 3U);
    EXPECT_EQ(gpus[0].compute_capability, "8.9");
    EXPECT_EQ(gpus[1].gfx_target, "gfx1201");
    EXPECT_EQ(gpus[2].integrated, false);
}

TEST(GpuMachines, AnAmdChipOfTomorrow) {
    GpuMachine m;
    m.amdgpu("0000:c1:00.0", 0xfff0, 512, 16000);
    const std::string folder = GpuMachine::folder("0000:c1:00.0");
    m.file(folder + "/ip_discovery/die/0/GC/0/major") = "11\n";
    m.file(folder + "/ip_discovery/die/0/GC/0/minor") = "5\n";
    m.file(folder + "/ip_discovery/die/0/GC/0/revision") = "4\n";
    EXPECT_EQ(m.gpus().at(0).gfx_target, "gfx1154");
    EXPECT_EQ(m.gpus().at(0).integrated, true) << "no board, little memory, much GTT";
    m.file(folder + "/mem_info_vram_vendor") = "samsung\n";
    EXPECT_EQ(m.gpus().at(0).integrated, false);
}

}  // namespace
}  // namespace lf::probe
