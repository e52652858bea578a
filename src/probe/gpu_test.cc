// SPDX-License-Identifier: MIT
#include "probe/gpu.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <map>
#include <set>

#include "base/text.h"
#include "probe/fake_machine.h"
#include "probe/gpu_amd.h"
#include "probe/gpu_kfd.h"
#include "probe/gpu_nvidia.h"

namespace lf::probe {
namespace {

FakeMachine with_card(std::uint16_t vendor, std::uint16_t device, const std::string& address = "0000:01:00.0") {
    FakeMachine machine;
    const std::string folder = "/sys/bus/pci/devices/" + address;
    machine.memory.texts[folder + "/vendor"] = fmt::format("0x{:04x}\n", vendor);
    machine.memory.texts[folder + "/device"] = fmt::format("0x{:04x}\n", device);
    machine.memory.texts[folder + "/class"] = "0x030000\n";
    return machine;
}

facts::Gpu only_gpu(const FakeMachine& machine, std::vector<std::string>& notes) {
    auto gpus = read_gpus(machine, notes);
    EXPECT_EQ(gpus.size(), 1U);
    return gpus.empty() ? facts::Gpu{} : gpus.front();
}

TEST(Nvidia, BlocksAreInOrderDoNotOverlapAndNameChipsWeKnow) {
    std::uint32_t before = 0;
    for (const NvidiaIdRange& range : nvidia_id_ranges()) {
        EXPECT_GT(range.first, before) << range.chip;
        EXPECT_LE(range.first, range.last) << range.chip;
        before = range.last;
        EXPECT_NE(find_nvidia_chip(range.chip), nullptr) << range.chip;
    }
    std::set<std::string_view> names;
    for (const NvidiaChip& chip : nvidia_chips()) EXPECT_TRUE(names.insert(chip.chip).second) << chip.chip;
}

TEST(Nvidia, CodenamesLoseTheirSuffixes) {
    EXPECT_EQ(nvidia_chip_named("GA107M [GeForce RTX 3050 Mobile]"), "GA107");
    EXPECT_EQ(nvidia_chip_named("GA102GL [RTX A6000]"), "GA102");
    EXPECT_EQ(nvidia_chip_named("AD107GLM [RTX 2000 Ada]"), "AD107");
    EXPECT_EQ(nvidia_chip_named("GK208BM [GeForce 920M]"), "GK208");
    EXPECT_EQ(nvidia_chip_named("GM204-INT"), "GM204");
    EXPECT_EQ(nvidia_chip_named("GB20B [GB10]"), "GB20B");
    EXPECT_EQ(nvidia_chip_named("GB202 [GeForce RTX 5090]"), "GB202");
    for (const std::string_view unknown : {"", "GeForce RTX 9090", "GX100 [x]", "GA1077", "[GA107]", "QX1"})
        EXPECT_EQ(nvidia_chip_named(unknown), std::nullopt) << unknown;
}

TEST(Nvidia, CodenameBeatsMarketingName) {
    // "RTX 3050 A Laptop" sounds like Ampere; the chip is AD107. No pci.ids is needed to see it.
    std::vector<std::string> notes;
    facts::Gpu gpu = only_gpu(with_card(0x10de, 0x28a3), notes);
    EXPECT_EQ(gpu.chip, "AD107");
    EXPECT_EQ(gpu.compute_capability, "8.9");
    EXPECT_EQ(gpu.integrated, false);
    EXPECT_EQ(gpu.gfx_target, std::nullopt);
    EXPECT_EQ(gpu.name, std::nullopt);
    ASSERT_EQ(notes.size(), 1U) << "no pci.ids";
}

TEST(Nvidia, AnUnknownIdIsReadFromItsNameAndElseNull) {
    FakeMachine machine = with_card(0x10de, 0xfff0);
    machine.ids = "10de  NVIDIA Corporation\n\tfff0  GA106 [Something new]\n";
    std::vector<std::string> notes;
    EXPECT_EQ(only_gpu(machine, notes).compute_capability, "8.6");
    EXPECT_TRUE(notes.empty());
    machine.ids = "10de  NVIDIA Corporation\n\tfff0  ZZ100 [RTX 9090]\n";
    const facts::Gpu gpu = only_gpu(machine, notes);
    EXPECT_EQ(gpu.compute_capability, std::nullopt);
    EXPECT_EQ(gpu.chip, std::nullopt);
    EXPECT_EQ(gpu.integrated, std::nullopt);
    EXPECT_EQ(gpu.name, "ZZ100 [RTX 9090]");
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("10de:fff0"), std::string::npos);
}

TEST(Nvidia, ACapabilityThatNobodyPublishedIsNull) {
    std::vector<std::string> notes;
    const facts::Gpu gpu = only_gpu(with_card(0x10de, 0x3040), notes);
    EXPECT_EQ(gpu.chip, "GR100");
    EXPECT_EQ(gpu.compute_capability, std::nullopt);
    EXPECT_EQ(notes.size(), 2U);
}

TEST(Amd, RangesAreInOrderDoNotOverlapAndNameChipsWeKnow) {
    std::uint32_t before = 0;
    for (const AmdIdRange& range : amd_id_ranges()) {
        EXPECT_GT(range.first, before) << range.chip;
        EXPECT_LE(range.first, range.last) << range.chip;
        before = range.last;
        EXPECT_NE(find_amd_chip(range.chip), nullptr) << range.chip;
    }
    std::set<std::string_view> names;
    for (const AmdChip& chip : amd_chips()) EXPECT_TRUE(names.insert(chip.chip).second) << chip.chip;
}

TEST(Amd, TheLongestNameWins) {
    EXPECT_EQ(amd_chip_named("Strix Halo [Radeon 8060S]"), "Strix Halo");
    EXPECT_EQ(amd_chip_named("Strix [Radeon 890M]"), "Strix");
    EXPECT_EQ(amd_chip_named("Krackan2 [Radeon 840M]"), "Krackan2");
    EXPECT_EQ(amd_chip_named("Aldebaran/MI200 [Instinct MI210]"), "Aldebaran");
    EXPECT_EQ(amd_chip_named("Navi 3"), std::nullopt);
    EXPECT_EQ(amd_chip_named("Navi 311"), std::nullopt);
    EXPECT_EQ(amd_chip_named(""), std::nullopt);
}

TEST(Amd, Mi350IsNotWhatItsNameSays) {
    for (const auto device : std::to_array<std::uint16_t>({0x75a0, 0x75a3, 0x75a8})) {
        FakeMachine machine = with_card(0x1002, device);
        machine.ids = fmt::format("1002  AMD\n\t{:04x}  Aqua Vanjaram [Instinct MI350X]\n", device);
        std::vector<std::string> notes;
        EXPECT_EQ(only_gpu(machine, notes).gfx_target, "gfx950");
    }
    std::vector<std::string> notes;
    EXPECT_EQ(only_gpu(with_card(0x1002, 0x74a1), notes).gfx_target, "gfx942");
    EXPECT_EQ(only_gpu(with_card(0x1002, 0x74a1), notes).integrated, false);
    EXPECT_EQ(only_gpu(with_card(0x1002, 0x74a0), notes).integrated, true) << "MI300A is an APU";
}

TEST(Amd, TargetVersionsArePrintedInHexadecimal) {
    // Kernel numbers and LLVM names, facts of the kernel's kfd_device.c.
    const std::map<std::uint64_t, std::string> known = {{90010, "gfx90a"},   {90012, "gfx90c"},   {90402, "gfx942"},
                                                        {90500, "gfx950"},   {100306, "gfx1036"}, {110003, "gfx1103"},
                                                        {110503, "gfx1153"}, {120001, "gfx1201"}, {80003, "gfx803"}};
    for (const auto& [number, name] : known) EXPECT_EQ(gfx_of_target_version(number), name);
    for (const std::uint64_t bad : {0ULL, 99ULL, 111603ULL, 110016ULL, 1000000ULL, ~0ULL})
        EXPECT_EQ(gfx_of_target_version(bad), std::nullopt) << bad;
}

TEST(Amd, TheKernelsWordWins) {
    FakeMachine machine = with_card(0x1002, 0x15bf, "0000:c4:00.0");
    auto& texts = machine.memory.texts;
    const std::string nodes = "/sys/class/kfd/kfd/topology/nodes/";
    texts[nodes + "0/properties"] = "cpu_cores_count 16\ngfx_target_version 0\nlocation_id 0\ndomain 0\n";
    texts[nodes + "1/properties"] = "gfx_target_version 110500\nlocation_id 50176\ndomain 0\nunique_id 1234\n";
    std::vector<std::string> notes;
    const facts::Gpu gpu = only_gpu(machine, notes);
    EXPECT_EQ(gpu.gfx_target, "gfx1150");
    EXPECT_EQ(gpu.chip, "Phoenix1");
    ASSERT_EQ(notes.size(), 2U);
    EXPECT_NE(notes[1].find("the kernel is believed"), std::string::npos) << notes[1];
}

TEST(Amd, AnUnknownCardWithTheKernelsWordHasATarget) {
    FakeMachine machine = with_card(0x1002, 0xfff0, "0000:03:00.0");
    std::vector<std::string> notes;
    EXPECT_EQ(only_gpu(machine, notes).gfx_target, std::nullopt);
    EXPECT_EQ(only_gpu(machine, notes).integrated, std::nullopt);
    machine.memory.texts["/sys/class/kfd/kfd/topology/nodes/1/properties"] =
        "gfx_target_version 130000\nlocation_id 768\n";
    EXPECT_EQ(only_gpu(machine, notes).gfx_target, "gfx1300");
}

TEST(Amd, WhetherKfdListsACardIsAFact) {
    FakeMachine machine = with_card(0x1002, 0x744c, "0000:03:00.0");
    auto& texts = machine.memory.texts;
    machine.memory.links["/sys/bus/pci/devices/0000:03:00.0/driver"] = "../../../bus/pci/drivers/amdgpu";
    std::vector<std::string> notes;
    EXPECT_EQ(only_gpu(machine, notes).kfd, std::nullopt) << "no /sys/class/kfd: nothing is said";
    const std::string nodes = "/sys/class/kfd/kfd/topology/nodes/";
    texts[nodes + "0/properties"] = "cpu_cores_count 16\nsimd_count 0\ngfx_target_version 0\nlocation_id 0\n";
    EXPECT_EQ(only_gpu(machine, notes).kfd, false) << "the CPU alone";
    texts[nodes + "1/properties"] = "simd_count 64\ngfx_target_version 100300\nlocation_id 2048\ndomain 0\n";
    EXPECT_EQ(only_gpu(machine, notes).kfd, false) << "another card";
    texts[nodes + "2/properties"] = "rubbish";  // a node that may not be read could be this card's
    EXPECT_EQ(only_gpu(machine, notes).kfd, std::nullopt);
    // The fourth partition of a card: its number stands above the place.
    texts[nodes + "2/properties"] = "simd_count 64\ngfx_target_version 110000\nlocation_id 805307136\ndomain 0\n";
    EXPECT_EQ(only_gpu(machine, notes).kfd, true);
    machine.memory.links.clear();
    EXPECT_EQ(only_gpu(machine, notes).kfd, std::nullopt) << "no amdgpu";
}

TEST(Gpu, UnknownIsNotNone) {
    FakeMachine machine;
    auto& texts = machine.memory.texts;
    EXPECT_FALSE(can_tell_gpus(machine.memory)) << "no /sys";
    texts["/sys/bus/platform/devices/x"] = "";
    EXPECT_TRUE(can_tell_gpus(machine.memory)) << "a machine without a PCI bus";
    const std::string device = "/sys/bus/pci/devices/0000:03:00.0";
    texts[device + "/class"] = "0x030000\n";
    EXPECT_FALSE(can_tell_gpus(machine.memory)) << "a display device without ids";
    std::vector<std::string> notes;
    EXPECT_TRUE(read_gpus(machine, notes).empty());
    EXPECT_NE(join(notes, " ").find("0000:03:00.0 is left out"), std::string::npos);
    texts[device + "/vendor"] = "0x1002\n";
    texts[device + "/device"] = "0x744c\n";
    EXPECT_TRUE(can_tell_gpus(machine.memory));
    texts.erase(device + "/class");
    EXPECT_FALSE(can_tell_gpus(machine.memory));
    texts[device + "/class"] = "0x020000\n";
    EXPECT_TRUE(can_tell_gpus(machine.memory)) << "a network card";
}

TEST(Gpu, IntelIsToldApartByIdAndPlace) {
    std::vector<std::string> notes;
    const auto integrated = [&](std::uint16_t device, const char* address) {
        const facts::Gpu gpu = only_gpu(with_card(0x8086, device, address), notes);
        EXPECT_EQ(gpu.vendor, "intel");
        return gpu.integrated;
    };
    EXPECT_EQ(integrated(0x56a0, "0000:03:00.0"), false) << "Arc A770";
    EXPECT_EQ(integrated(0x56a0, "0000:00:02.0"), false) << "Arc A770 passed to a virtual machine";
    EXPECT_EQ(integrated(0x7d55, "0000:00:02.0"), true) << "Meteor Lake, called Arc too";
    EXPECT_EQ(integrated(0x0412, "0000:00:02.0"), true);
    EXPECT_EQ(integrated(0x9999, "0000:07:00.0"), std::nullopt);
}

TEST(Gpu, OthersAreCalledSo) {
    std::vector<std::string> notes;
    const facts::Gpu gpu = only_gpu(with_card(0x1a03, 0x2000), notes);
    EXPECT_EQ(gpu.vendor, "other");
    EXPECT_EQ(gpu.vendor_id, 0x1a03);
    EXPECT_EQ(gpu.integrated, false);
}

}  // namespace
}  // namespace lf::probe
