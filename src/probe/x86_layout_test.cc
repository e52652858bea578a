// SPDX-License-Identifier: MIT
#include "probe/x86_layout.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "probe/codename.h"
#include "probe/core_names.h"
#include "probe/fake_machine.h"
#include "probe/probe.h"
#include "probe/topology.h"
#include "probe/x86_caches.h"

namespace lf::probe {
namespace {

// A hybrid CPU: `type` 40 is a large core, 20 a small one; small ones with `third` share a cache of level 3 with them.
std::string hybrid(int apic, int type, int threads, bool third) {
    std::string out = fmt::format(
        "0 0 20 756e6547 6c65746e 49656e69\n1 0 a06a4 {0:x}800800 0 10000000\n7 0 0 0 0 8000\n1a 0 {1}000001 0 0 0\n"
        "1f 0 1 {2} 100 {0:x}\n1f 1 7 6 201 {0:x}\n1f 2 0 0 2 {0:x}\n",
        apic, type, threads);
    out += type == 40 ? "4 0 fc004121 2c0003f 3f 0\n4 1 fc004122 1c0003f 7f 0\n4 2 fc01c143 3c0003f 7ff 0\n"
                      : "4 0 fc004121 1c0003f 3f 0\n4 1 fc004122 1c0003f 7f 0\n4 2 fc01c143 3c0003f 7ff 0\n";
    return out + (third ? "4 3 fc1fc163 2c0003f 5fff 4\n" : "") + (third ? "4 4 0 0 0 0\n" : "4 3 0 0 0 0\n");
}

FakeMachine meteor_lake() {
    FakeMachine machine;
    machine.add(0, hybrid(0x10, 40, 2, true));
    machine.add(1, hybrid(0x11, 40, 2, true));
    machine.add(2, hybrid(0x20, 20, 1, true));
    machine.add(3, hybrid(0x22, 20, 1, true));
    machine.add(4, hybrid(0x40, 20, 1, false));
    return machine;
}

TEST(X86Layout, AHybridHasItsKindsAndEachCacheOnce) {
    const auto machine = probe(meteor_lake(), "h");
    EXPECT_EQ(machine->cpu.microarchitecture, "meteorlake");
    EXPECT_EQ(machine->cpu.cpus, 5);
    EXPECT_EQ(machine->cpu.cores, 4);
    EXPECT_EQ(machine->cpu.sockets, 1);
    EXPECT_EQ(machine->cpu.kinds, (std::vector<facts::CoreKind>{{"performance", "redwoodcove", std::nullopt, 2, 1},
                                                                {"efficiency", "crestmont", std::nullopt, 2, 2},
                                                                {"low-power", "crestmont", std::nullopt, 1, 1}}));
    EXPECT_EQ(machine->cpu.caches, (std::vector<facts::Cache>{{1, "data", 48, 12, 64, 1},
                                                              {1, "data", 32, 8, 64, 3},
                                                              {1, "instruction", 64, 8, 64, 4},
                                                              {2, "unified", 2048, 16, 64, 3},
                                                              {3, "unified", 18432, 12, 64, 1}}));
}

TEST(X86Layout, SysWinsWhereItTells) {
    FakeMachine machine = meteor_lake();
    machine.memory.texts["/sys/devices/system/cpu/online"] = "0-4";
    for (int cpu = 0; cpu < 5; ++cpu)
        for (const char* list : {"core_cpus_list", "package_cpus_list"})
            machine.memory.texts[fmt::format("/sys/devices/system/cpu/cpu{}/topology/{}", cpu, list)] = "0-4";
    EXPECT_EQ(probe(machine, "h")->cpu.cores, 1);
}

struct HybridTree {
    std::string model;       ///< leaf 1 EAX
    std::string core, atom;  ///< what Linux lists
    std::vector<std::string> cpus;
    std::vector<facts::CoreKind> kinds;     ///< with CPUID
    std::vector<facts::CoreKind> from_sys;  ///< of the kernel's groups alone
};

std::vector<HybridTree> hybrid_trees() {
    const auto kind = [](const char* role, const char* name, int cpus, int cores) {
        return facts::CoreKind{role, name, std::nullopt, cpus, cores};
    };
    const std::string large = hybrid(0x10, 40, 2, true);
    const std::string twin = hybrid(0x11, 40, 2, true);
    const std::string other = hybrid(0x18, 40, 1, true);
    const std::string small = hybrid(0x20, 20, 1, true);
    const std::string island = hybrid(0x40, 20, 1, false);
    return {{"90672",
             "0-1",
             "2",
             {large, twin, small},
             {kind("performance", "goldencove", 2, 1), kind("efficiency", "gracemont", 1, 1)},
             {kind("performance", "goldencove", 2, 1), kind("efficiency", "gracemont", 1, 1)}},
            {"a06a4",
             "0-1",
             "2-3",
             {large, twin, small, island},
             {kind("performance", "redwoodcove", 2, 1), kind("efficiency", "crestmont", 1, 1),
              kind("low-power", "crestmont", 1, 1)},
             {kind("performance", "redwoodcove", 2, 1), kind("efficiency", "crestmont", 2, 2)}},
            {"b06d1",
             "0",
             "1",
             {other, island},
             {kind("performance", "lioncove", 1, 1), kind("low-power", "skymont", 1, 1)},
             {kind("performance", "lioncove", 1, 1), kind("efficiency", "skymont", 1, 1)}},
            {"c06c1",
             "0",
             "1-2",
             {other, small, island},
             {kind("performance", "cougarcove", 1, 1), kind("efficiency", "darkmont", 1, 1),
              kind("low-power", "darkmont", 1, 1)},
             {kind("performance", "cougarcove", 1, 1), kind("efficiency", "darkmont", 2, 2)}}};
}

TEST(X86Layout, ALiveHybridHasTheKindsThatItsCpuidTells) {
    for (const HybridTree& row : hybrid_trees()) {
        FakeMachine machine;
        machine.memory.texts["/sys/devices/cpu_core/cpus"] = row.core;
        machine.memory.texts["/sys/devices/cpu_atom/cpus"] = row.atom;
        const std::string root = "/sys/devices/system/cpu/";
        machine.memory.texts[root + "online"] = fmt::format("0-{}", row.cpus.size() - 1);
        const bool twins = row.core == "0-1";
        for (int cpu = 0; cpu < static_cast<int>(row.cpus.size()); ++cpu) {
            std::string text = row.cpus[static_cast<std::size_t>(cpu)];
            text.replace(text.find("a06a4"), 5, row.model);
            machine.add(cpu, text);
            machine.memory.texts[fmt::format("{}cpu{}/topology/core_cpus_list", root, cpu)] =
                twins && cpu < 2 ? "0-1" : std::to_string(cpu);
        }
        EXPECT_EQ(probe(machine, "h")->cpu.kinds, row.kinds) << row.model;
        facts::Cpu cpu;
        cpu.microarchitecture = probe(machine, "h")->cpu.microarchitecture;
        read_topology(machine.memory, cpu);
        EXPECT_EQ(cpu.kinds, row.from_sys) << row.model;
    }
}

TEST(X86Layout, ASmallCoreWithoutLeaf4IsNotCalledLowPower) {
    FakeMachine machine = meteor_lake();
    for (unsigned level = 0; level < 5; ++level) machine.dumps[4].leaves.erase({4, level});
    const auto kinds = probe(machine, "h")->cpu.kinds;
    ASSERT_EQ(kinds.size(), 2U);
    EXPECT_EQ(kinds[1].role, "efficiency");
    EXPECT_EQ(kinds[1].cores, 3);
}

TEST(X86Layout, AFewCpusDoNotSpeakForAll) {
    FakeMachine machine = meteor_lake();
    const auto notes = [&] { return fmt::format("{}", fmt::join(probe(machine, "h")->notes, "\n")); };
    EXPECT_EQ(notes().find("the number of cores"), std::string::npos) << "CPUID tells it";
    EXPECT_EQ(notes().find("the number of CPUs"), std::string::npos);
    machine.memory.texts["/sys/devices/system/cpu/online"] = "0-191";
    const auto found = probe(machine, "h");
    EXPECT_EQ(found->cpu.cpus, 192);
    EXPECT_EQ(found->cpu.cores, std::nullopt);
    EXPECT_EQ(found->cpu.sockets, std::nullopt);
    EXPECT_TRUE(found->cpu.kinds.empty());
    ASSERT_FALSE(found->cpu.caches.empty());
    EXPECT_EQ(found->cpu.caches[0].instances, std::nullopt);
    EXPECT_NE(notes().find("the number of cores is unknown"), std::string::npos);
}

TEST(X86Layout, AGuestOfOneCpuHasOneCore) {
    FakeMachine machine(hybrid(0x10, 40, 2, true));
    machine.memory.texts["/sys/devices/system/cpu/online"] = "0";
    const auto found = probe(machine, "h");
    EXPECT_EQ(found->cpu.cpus, 1);
    EXPECT_EQ(found->cpu.cores, 1) << "though its package declares 3";
    EXPECT_EQ(found->cpu.sockets, 1);
}

TEST(X86Layout, OneDumpDeclaresHowManyThereAre) {
    FakeMachine machine(hybrid(0x10, 40, 2, true));
    facts::Cpu cpu;
    read_x86_layout(machine, cpu);
    EXPECT_EQ(cpu.cpus, 6);
    EXPECT_EQ(cpu.cores, 3);
    EXPECT_EQ(cpu.sockets, std::nullopt);
    EXPECT_TRUE(cpu.kinds.empty()) << "the other CPUs may be of another kind";
    ASSERT_EQ(cpu.caches.size(), 4U);
    EXPECT_EQ(cpu.caches[0].instances, std::nullopt);
}

TEST(X86Layout, TwoSocketsOfAmdBeforeLeafB) {
    FakeMachine machine;
    for (const int apic : {0, 1, 2, 3, 4, 5, 6, 7})
        machine.add(apic, fmt::format("0 0 5 68747541 444d4163 69746e65\n1 0 100f42 {:x}040800 0 10000000\n"
                                      "80000000 0 80000008 0 0 0\n80000001 0 0 0 0 20000000\n"
                                      "80000005 0 0 0 40020140 40020140\n80000006 0 0 0 2008140 30b140\n"
                                      "80000008 0 3030 0 2003 0\n",
                                      apic));
    facts::Cpu cpu;
    read_x86_layout(machine, cpu);
    EXPECT_EQ(cpu.cores, 8);
    EXPECT_EQ(cpu.sockets, 2);
    EXPECT_EQ(x86_groups(machine).size(), 2U);
    EXPECT_EQ(cpu.caches, (std::vector<facts::Cache>{{1, "data", 64, 2, 64, 8},
                                                     {1, "instruction", 64, 2, 64, 8},
                                                     {2, "unified", 512, 16, 64, 8},
                                                     {3, "unified", 6144, 48, 64, std::nullopt}}));
}

TEST(X86Layout, EqualNumbersSayNothing) {
    FakeMachine machine;
    for (const int cpu : {0, 1, 2, 3}) machine.add(cpu, hybrid(0, 40, 2, true));
    facts::Cpu cpu;
    read_x86_layout(machine, cpu);
    EXPECT_EQ(cpu.cpus, 4);
    EXPECT_EQ(cpu.cores, 2) << "by what each declares";
    EXPECT_EQ(cpu.sockets, std::nullopt);
    EXPECT_EQ(cpu.caches.at(0).instances, std::nullopt);
}

TEST(X86Caches, DescriptorsAndRubbish) {
    const FakeMachine old("0 0 2 756e6547 6c65746e 49656e69\n1 0 f24 0 0 0\n2 0 665b5001 0 0 7b7040\n");
    const std::vector<SeenCache> caches = x86_caches(old, 0);
    ASSERT_EQ(caches.size(), 3U);
    EXPECT_EQ(caches[0].cache, (facts::Cache{1, "data", 8, 4, 64, std::nullopt}));
    EXPECT_EQ(caches[1].cache, (facts::Cache{1, "instruction", 12, 8, std::nullopt, std::nullopt}));
    EXPECT_EQ(caches[2].cache, (facts::Cache{2, "unified", 512, 8, 64, std::nullopt}));
    const FakeMachine rubbish(
        "0 0 20 756e6547 6c65746e 49656e69\n4 0 ffffffff ffffffff ffffffff ffffffff\n"
        "1f 0 ffffffff ffffffff ffffffff ffffffff\n");
    EXPECT_TRUE(x86_caches(rubbish, 0).empty());
    facts::Cpu cpu;
    read_x86_layout(rubbish, cpu);
    EXPECT_GE(cpu.cpus.value_or(1), 1);
}

/// What facts cannot hold, no probe may say: a dump whose every number is possible for CPUID.
TEST(X86Caches, AbsurdOnesFitIntoFacts) {
    const FakeMachine full(
        "0 0 4 756e6547 6c65746e 49656e69\n4 0 00000221 00000000 ffffff 0\n4 1 00000241 0 fffffff 0\n");
    const std::vector<SeenCache> caches = x86_caches(full, 0);
    ASSERT_EQ(caches.size(), 2U);
    EXPECT_EQ(caches[0].cache.ways, std::nullopt);
    EXPECT_EQ(caches[1].cache.ways, std::nullopt);
    const FakeMachine amd(
        "0 0 1 68747541 444d4163 69746e65\n80000000 0 80000006 0 0 0\n80000005 0 0 0 ffff0001 0\n"
        "80000006 0 0 0 fffff001 fffff001\n");
    for (const SeenCache& seen : x86_caches(amd, 0)) EXPECT_LE(seen.cache.ways.value_or(0), 1 << 16);
    FakeMachine many;
    for (int cpu = 0; cpu < 40; ++cpu) {
        std::string text = "0 0 4 756e6547 6c65746e 49656e69\n";
        for (int i = 0; i < 16; ++i) text += fmt::format("4 {:x} 21 003f003f {:x} 0\n", i, 64 * cpu + i);
        many.add(cpu, text);
    }
    facts::Cpu cpu;
    read_x86_layout(many, cpu);
    EXPECT_LE(cpu.caches.size(), 256U);
    EXPECT_GE(cpu.caches.size(), 16U);
}

facts::Cpu cpu_of(std::string vendor, int family, int model, std::string brand, int stepping = 0) {
    facts::Cpu cpu;
    cpu.vendor = std::move(vendor), cpu.family = family, cpu.model = model, cpu.stepping = stepping;
    cpu.model_name = std::move(brand);
    return cpu;
}

TEST(Codename, IsOfTheProductWhereOneDieHasSeveral) {
    const std::string intel = "GenuineIntel";
    const std::string amd = "AuthenticAMD";
    EXPECT_EQ(codename(cpu_of(intel, 6, 0x8e, "Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz", 10)), "Kaby Lake-R");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0x8e, "Intel(R) Core(TM) i5-8265U CPU @ 1.60GHz", 11)), "Whiskey Lake-U");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0x8e, "Intel(R) Core(TM) i5-10210U CPU @ 1.60GHz", 12)), "Comet Lake-U");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0x8e, "Intel(R) Core(TM) m3-8100Y CPU @ 1.10GHz", 9)), "Amber Lake-Y");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0x55, "Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", 7)), "Cascade Lake-SP");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0x17, "Intel(R) Xeon(R) CPU           E5462  @ 2.80GHz")), "Harpertown");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0xcc, "Intel(R) Core(TM) Ultra X9 388H")), "Panther Lake-H");
    EXPECT_EQ(codename(cpu_of(intel, 6, 0xb7, "Intel(R) Core(TM) 7 251E")), "Bartlett Lake-S");
    EXPECT_EQ(codename(cpu_of(amd, 26, 0x85, "")), std::nullopt) << "not told by AMD yet";
    EXPECT_EQ(codename(cpu_of(amd, 25, 97, "AMD Ryzen 9 7945HX with Radeon Graphics")), "Dragon Range");
    EXPECT_EQ(codename(cpu_of(amd, 25, 97, "AMD Ryzen 9 7950X 16-Core Processor")), "Raphael");
    EXPECT_EQ(codename(cpu_of(amd, 25, 33, "")), "Vermeer") << "where the model alone tells, the brand need not";
    EXPECT_EQ(codename(cpu_of(amd, 26, 0x11, "AMD EPYC 9965")), "Turin Dense");
    EXPECT_EQ(codename(cpu_of("CentaurHauls", 7, 0x5b, "")), "Yongfeng");
    EXPECT_EQ(codename(cpu_of("HygonGenuine", 24, 1, "")), "Dhyana");
    EXPECT_EQ(codename(cpu_of(amd, 99, 1, "")), std::nullopt);
    EXPECT_EQ(codename(cpu_of("Nobody", 6, 0x55, "")), std::nullopt);
    EXPECT_EQ(codename(facts::Cpu{}), std::nullopt);
}

TEST(Codename, PatternsKnowDigitsAndCapitals) {
    EXPECT_TRUE(holds_pattern("i9-12900HX", "-12###HX"));
    EXPECT_FALSE(holds_pattern("i9-1290PHX", "-12###HX"));
    EXPECT_TRUE(holds_pattern("CPU E5462", "CPU @54##"));
    EXPECT_FALSE(holds_pattern("CPU 55462", "CPU @54##"));
    EXPECT_TRUE(holds_pattern("", ""));
    EXPECT_FALSE(holds_pattern("", "#"));
}

TEST(Masked, IsWhatTheDesignHasAndTheMachineDoesNotShow) {
    // A Zen 3 whose hypervisor hides VAES and PKU.
    const FakeMachine machine(
        "0 0 10 68747541 444d4163 69746e65\n1 0 a20f10 800 fed83203 178bfbff\n7 0 0 219c95a9 400400 0\n"
        "d 1 f 0 0 0\n40000000 0 40000001 4b4d564b 564b4d56 4d\n80000000 0 80000008 0 0 0\n"
        "80000001 0 0 0 75c237ff 2fd3fbff\n80000008 0 3030 1005 0 0\nXCR0 207\n");
    const auto found = probe(machine, "h");
    EXPECT_EQ(found->cpu.microarchitecture, "zen3");
    EXPECT_EQ(found->cpu.hypervisor, "KVMKVMKVM");
    EXPECT_EQ(found->cpu.features_masked, (facts::FeatureSet{"pku", "vaes", "wbnoinvd"}));
}

TEST(Codename, BorrowedNumbersNameNoProduct) {
    struct Guest {
        const char* what;
        std::string vendor;  ///< leaf 0: EBX ECX EDX
        std::string signature, ecx_1, ebx_7, brand;
    };
    const std::string amd = "68747541 444d4163 69746e65";
    const std::string intel = "756e6547 6c65746e 49656e69";
    // "QEMU Virtual CPU", "Common KVM proce", "AMD EPYC".
    const std::string qemu = "554d4551 72695620 6c617574 55504320";
    const std::string kvm = "6d6d6f43 4b206e6f 70204d56 65636f72";
    const std::string none = "0 0 0 0";
    const Guest kGuests[] = {{"x86-64-v2-AES", amd, "60fb1", "80982203", "0", qemu},
                             {"kvm64", intel, "f61", "80802001", "0", kvm},
                             {"a later k8 with SSSE3", amd, "60fb1", "80000201", "0", none},
                             {"a Dothan with AVX2 and 64 bits", intel, "6d3", "98982203", "20", none},
                             {"a Dixon with AVX2", intel, "663", "98982203", "20", none}};
    for (const Guest& guest : kGuests) {
        const std::string rest = guest.brand == kvm ? "726f7373 0 0 0" : "0 0 0 0";
        const FakeMachine machine(fmt::format(
            "0 0 7 {}\n1 0 {} 800 {} 178bfbff\n7 0 0 {} 0 0\n80000000 0 80000008 0 0 0\n80000001 0 0 0 1 20100800\n"
            "80000002 0 {}\n80000003 0 {}\n80000004 0 0 0 0 0\nXCR0 7\n",
            guest.vendor, guest.signature, guest.ecx_1, guest.ebx_7, guest.brand, rest));
        const auto found = probe(machine, "h");
        EXPECT_EQ(found->cpu.microarchitecture, std::nullopt) << guest.what;
        EXPECT_EQ(found->cpu.codename, std::nullopt) << guest.what;
        EXPECT_TRUE(found->cpu.features_masked.empty()) << guest.what;
    }
}

}  // namespace
}  // namespace lf::probe
