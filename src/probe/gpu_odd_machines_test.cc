// SPDX-License-Identifier: MIT
// Machines whose GPU is not simply a card on the PCI bus, and those that lie (see gpu_machines_test.cc).
#include <gtest/gtest.h>

#include "facts/unread.h"
#include "probe/capture_source.h"
#include "probe/gpu_machine_test.h"
#include "probe/scratch_folder.h"

namespace lf::probe {
namespace {

constexpr std::uint16_t kNvidia = 0x10de;
constexpr std::uint16_t kAmd = 0x1002;
constexpr std::uint16_t kIntel = 0x8086;

TEST(GpuOddMachines, Jetsons) {
    struct Board {
        const char* tegra;
        const char* place;
        const char* capability;
    };
    for (const Board& board : {Board{"tegra234", "17000000.gpu", "8.7"}, Board{"tegra194", "17000000.gv11b", "7.2"},
                               Board{"tegra186", "17000000.gp10b", "6.2"}, Board{"tegra210", "57000000.gpu", "5.3"}}) {
        GpuMachine m;
        m.machine.machine = "aarch64";
        m.file("/proc/device-tree/compatible") =
            std::string("nvidia,p3737-0000+p3701-0000") + '\0' + "nvidia," + board.tegra + '\0';
        m.file("/proc/device-tree/model") = std::string("NVIDIA Jetson Developer Kit") + '\0';
        m.file(std::string("/sys/bus/platform/devices/") + board.place + "/modalias") = "";
        m.machine.memory.links[std::string("/sys/bus/platform/devices/") + board.place + "/driver"] =
            "../drivers/gk20a";
        m.answer(Question::nvml, "nvml 1\ndriver 540.4.0\ncard - 0000:0000\nname Orin (nvgpu)\ncapability " +
                                     std::string(board.capability) + "\nmemory 64000000000\nend\n");
        const auto gpus = m.gpus();
        ASSERT_EQ(gpus.size(), 1U) << board.tegra;
        EXPECT_EQ(gpus[0].address, std::string("platform:") + board.place);
        EXPECT_EQ(gpus[0].compute_capability, board.capability);
        EXPECT_EQ(gpus[0].integrated, true);
        EXPECT_EQ(gpus[0].driver, "gk20a");
        EXPECT_EQ(gpus[0].driver_version, "540.4.0");
        EXPECT_EQ(gpus[0].name, "NVIDIA Jetson Developer Kit");
        EXPECT_EQ(gpus[0].memory_mib, std::nullopt) << "it is the machine's memory";
        EXPECT_TRUE(m.survives());
    }
}

TEST(GpuOddMachines, DgxSpark) {
    GpuMachine m;
    m.machine.machine = "aarch64";
    m.card("000f:01:00.0", kNvidia, 0x2e12, "nvidia", "0x030200").nvidia_driver("580.95.05");
    const auto gpus = m.gpus();
    EXPECT_EQ(gpus.at(0).chip, "GB20B");
    EXPECT_EQ(gpus.at(0).compute_capability, "12.1");
    EXPECT_EQ(gpus.at(0).integrated, true);
    EXPECT_EQ(gpus.at(0).memory_mib, std::nullopt);
}

TEST(GpuOddMachines, Wsl) {
    GpuMachine m;
    m.file("/dev/dxg") = "";
    m.card("5582:00:00.0", 0x1414, 0x008e, "dxgkrnl", "0x030200");
    m.answer(Question::nvml,
             "nvml 1\ndriver 581.1\ncard 0000:01:00.0 10de:2684\nname NVIDIA GeForce RTX 4090\ncapability 8.9\nend\n");
    const auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 1U) << "the stand-in on PCI is the same GPU";
    EXPECT_EQ(gpus[0].address, "wsl:dxg");
    EXPECT_EQ(gpus[0].compute_capability, std::nullopt);
    EXPECT_TRUE(m.noted("this is WSL"));
    EXPECT_TRUE(m.noted("RTX 4090"));
    EXPECT_TRUE(m.survives());
}

TEST(GpuOddMachines, PassedThrough) {
    GpuMachine host;
    host.card("0000:01:00.0", kNvidia, 0x2684, "vfio-pci");
    EXPECT_EQ(host.gpus().at(0).driver, "vfio-pci");
    EXPECT_TRUE(host.noted("given to virtual machines"));
    EXPECT_TRUE(host.machine.asked.empty()) << "no library can serve it";
    GpuMachine guest;  // there it is a card like any other, wherever it sits
    guest.card("0000:00:02.0", kNvidia, 0x2684, "nvidia").nvidia_driver("580.82.07");
    EXPECT_EQ(guest.gpus().at(0).compute_capability, "8.9");
}

TEST(GpuOddMachines, CutIntoInstances) {
    GpuMachine m;
    m.card("0000:17:00.0", kNvidia, 0x2331, "nvidia", "0x030200").nvidia_driver("550.163.01");
    m.file("/proc/driver/nvidia/gpus/0000:17:00.0/information") = "Model: \t\t NVIDIA H100 PCIe\nDevice Minor: \t 3\n";
    m.file("/proc/driver/nvidia/capabilities/mig/config") = "";
    EXPECT_EQ(m.gpus().at(0).partition, std::nullopt);
    m.file("/proc/driver/nvidia/capabilities/gpu3/mig/gi1/access") = "";
    EXPECT_EQ(m.gpus().at(0).partition, "mig");
    GpuMachine by_library;
    by_library.card("0000:17:00.0", kNvidia, 0x2331, "nvidia")
        .answer(Question::nvml, "nvml 1\ncard 0000:17:00.0 10de:2331\nmig 1\nend\n");
    EXPECT_EQ(by_library.gpus().at(0).partition, "mig");
}

TEST(GpuOddMachines, VirtualFunctionsAndSlices) {
    GpuMachine m;
    m.card("0000:01:00.4", kNvidia, 0x2235, "nvidia");
    m.machine.memory.links[GpuMachine::folder("0000:01:00.4") + "/physfn"] = "../0000:01:00.0";
    EXPECT_EQ(m.gpus().at(0).partition, "vf");
    EXPECT_TRUE(m.noted("virtual function"));
    GpuMachine guest;
    guest.card("0000:00:05.0", kNvidia, 0x2235, "nvidia")
        .answer(Question::nvml,
                "nvml 1\ncard 0000:00:05.0 10de:2235\nname NVIDIA A40-8Q\nmemory 8589934592\nvgpu 1\nend\n");
    EXPECT_EQ(guest.gpus().at(0).partition, "vf");
    EXPECT_EQ(guest.gpus().at(0).memory_mib, 8192);
}

TEST(GpuOddMachines, ContainersWithoutSys) {
    GpuMachine m;
    m.file("/dev/nvidia0") = "";
    EXPECT_TRUE(m.gpus().empty());
    EXPECT_TRUE(m.noted(facts::kNvidiaUnread));
    m.file("/proc/driver/nvidia/gpus/0000:17:00.0/information") = "Model: \t\t NVIDIA H200\nDevice Minor: \t 0\n";
    m.file("/proc/driver/nvidia/version") = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.82.07  x\n";
    auto gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 1U);
    EXPECT_EQ(gpus[0].name, "NVIDIA H200");
    EXPECT_EQ(gpus[0].driver_version, "580.82.07");
    EXPECT_EQ(gpus[0].compute_capability, std::nullopt) << "a marketing name is not a chip";
    EXPECT_TRUE(m.noted(facts::kChipUnread));
    m.answer(Question::nvml, "nvml 1\ncard 0000:17:00.0 10de:2335\ncapability 9.0\nmemory 150754820096\nend\n");
    gpus = m.gpus();
    ASSERT_EQ(gpus.size(), 1U);
    EXPECT_EQ(gpus[0].compute_capability, "9.0");
    EXPECT_EQ(gpus[0].chip, "GH100");
    EXPECT_TRUE(m.survives());
}

TEST(GpuOddMachines, AnOverrideIsCalledALie) {
    GpuMachine m;
    m.amdgpu("0000:03:00.0", 0x73df, 12272, 31000);
    m.answer(Question::overrides, "HSA_OVERRIDE_GFX_VERSION 10.3.0 /etc/systemd/system/ollama.service\nrubbish\n");
    EXPECT_EQ(m.gpus().at(0).gfx_target, "gfx1031");
    EXPECT_TRUE(
        m.noted("HSA_OVERRIDE_GFX_VERSION=10.3.0 (/etc/systemd/system/ollama.service) makes ROCm take the card at "
                "0000:03:00.0 for gfx1030"));
    m.answer(Question::overrides, "HSA_OVERRIDE_GFX_VERSION 10.3.1 environment\n");
    m.gpus();
    EXPECT_FALSE(m.noted("HSA_OVERRIDE")) << "that one tells the truth";
}

TEST(GpuOddMachines, HostileFilesDoNoHarm) {
    const std::string evil = "\x1b[2J'; rm -rf /\n${builtins.abort}\"" + std::string(1, '\0') + "\xff\xfe";
    GpuMachine m;
    m.machine.ids = "1002  AMD\n\t744c  Navi 31 [" + evil + "]\n10de  NVIDIA\n\tffff  " + evil + "\n";
    m.amdgpu("0000:03:00.0", 0x744c, 24560, 31000).card("0000:04:00.0", kNvidia, 0xffff, "nvidia\n`evil`");
    m.card("0000:05:00.0", kIntel, 0x56a0, "i915").card("../../../etc", kNvidia, 0x2684, "nvidia");
    const std::string amd = GpuMachine::folder("0000:03:00.0");
    m.file(amd + "/mem_info_vram_total") = "99999999999999999999999999\n";
    m.file(amd + "/mem_info_gtt_total") = "-1\n";
    m.file(amd + "/current_compute_partition") = evil;
    m.file(GpuMachine::folder("0000:05:00.0") + "/resource") =
        "0xffffffffffffffff 0x0 0\nx\n0x0 0xffffffffffffffff 0\n";
    m.file(GpuMachine::folder("0000:05:00.0") + "/tile0/physical_vram_size_bytes") = "18446744073709551615\n";
    m.file("/sys/module/nvidia/version") = evil;
    m.file("/proc/driver/nvidia/version") = std::string(1 << 20, 'N');
    m.file("/proc/driver/nvidia/gpus/" + evil + "/information") = evil;
    m.file("/proc/device-tree/compatible") = evil + "nvidia,tegra234";
    m.file("/sys/class/kfd/kfd/topology/nodes/1/properties") =
        "gfx_target_version 99999999999\nlocation_id -1\n" + evil;
    for (const char* text : {"", "nvml 1\n", "end\n", "nvml 1\ncard\nend\n", "vulkan 1\ndevice\nend\n"}) {
        m.answer(Question::nvml, text + evil).answer(Question::vulkan, text + evil).answer(Question::overrides, evil);
        EXPECT_TRUE(m.survives()) << text;
    }
    for (const auto& gpu : m.gpus()) {
        EXPECT_EQ(gpu.memory_mib.value_or(0), 0) << gpu.address;
        EXPECT_EQ(gpu.partition, std::nullopt) << gpu.address;
    }
    for (const std::string& note : m.notes) EXPECT_EQ(note.find('\x1b'), std::string::npos) << note;
}

TEST(GpuOddMachines, LoopsOfLinksAreSurvived) {
    const ScratchFolder scratch;
    scratch.write("proc/cpuinfo", "vendor_id : x\n");
    scratch.write("proc/sys/kernel/arch", "x86_64\n");
    const std::string folder = "sys/bus/pci/devices/0000:03:00.0/";
    scratch.write(folder + "vendor", "0x1002\n");
    scratch.write(folder + "device", "0x744c\n");
    scratch.write(folder + "class", "0x030000\n");
    scratch.link(folder + "driver", "driver");
    scratch.link(folder + "physfn", "../0000:03:00.0");
    scratch.link(folder + "mem_info_vram_total", "mem_info_gtt_total");
    scratch.link(folder + "mem_info_gtt_total", "mem_info_vram_total");
    scratch.link(folder + "ip_discovery", "/dev/zero");
    scratch.link("sys/class/kfd/kfd/topology/nodes", "nodes");
    scratch.link("sys/bus/pci/devices/0000:04:00.0", "0000:04:00.0");
    const auto source = CapturedMachine::open(scratch.path());
    ASSERT_TRUE(source.has_value());
    const auto facts = probe(**source, "loops");
    ASSERT_TRUE(facts.has_value());
    ASSERT_EQ(facts->gpus.size(), 1U);
    EXPECT_EQ(facts->gpus[0].gfx_target, "gfx1100");
    EXPECT_EQ(facts->gpus[0].memory_mib, std::nullopt);
}

}  // namespace
}  // namespace lf::probe
