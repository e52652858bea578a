// SPDX-License-Identifier: MIT
#include "probe/raw_dump.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "probe/dump_source.h"
#include "probe/probe.h"
#include "probe/saved_state.h"

namespace lf::probe {
namespace {

RawDump read(std::string_view text) {
    auto dump = parse_raw_dump(text, "dump.txt");
    EXPECT_TRUE(dump.has_value()) << text << (dump ? "" : dump.error().message);
    return dump ? *std::move(dump) : RawDump{};
}

const Registers kSeven{0x1, 0x239ca7eb, 0x98c027ac, 0xfc1cc410};

TEST(RawDump, EveryFormGivesTheSameAnswers) {
    for (const std::string_view text :
         {"CPUID 00000007: 00000001-239CA7EB-98C027AC-FC1CC410 [SL 00]\nCPUID 00000007: 00000000-00000002-00000003-"
          "00000004 [SL 01]\n",
          "CPUID Manufacturer : GenuineIntel\nCPUID 00000007  00000001-239CA7EB-98C027AC-FC1CC410\r\n"
          "CPUID 00000007: 00000000-00000002-00000003-00000004 [what it means]\nMSR 0000001B: < FAILED >\n",
          "CPU:\n   0x00000007 0x00: eax=0x00000001 ebx=0x239ca7eb ecx=0x98c027ac edx=0xfc1cc410\n"
          "   0x00000007 0x01: eax=0x00000000 ebx=0x00000002 ecx=0x00000003 edx=0x00000004\n",
          "CPU 0:\n   0x00000007: eax=0x00000001 ebx=0x239ca7eb ecx=0x98c027ac edx=0xfc1cc410\n"
          "   0x00000007: eax=0x00000000 ebx=0x00000002 ecx=0x00000003 edx=0x00000004\n",
          "> > 7 0 1 239ca7eb 98c027ac fc1cc410\r\n>> 7 1 0 2 3 4\n",
          "7, 0, 1, 597469163, 2562729900, 4229743632\n7, 1, 0, 2, 3, 4\n",
          "# ours\n7 0 1 239ca7eb 98c027ac fc1cc410\n00000007 01 0 2 3 4\nXCR0 none\n"}) {
        const RawDump dump = read(text);
        ASSERT_EQ(dump.cpus.size(), 1U) << text;
        EXPECT_EQ(dump.cpus.at(0).find(7, 0), kSeven) << text;
        EXPECT_EQ(dump.cpus.at(0).find(7, 1), (Registers{0, 2, 3, 4})) << text;
    }
}

TEST(RawDump, LibcpuidsNamesAreLeavesAndSubleaves) {
    const RawDump dump = read(
        "version=0.6.4\nbasic_cpuid[7]=00000001 239ca7eb 98c027ac fc1cc410\next_cpuid[1]=00000001 2 3 4\n"
        "intel_fn4[2]=fc01c143 0240003f 000007ff 00000000\nintel_fn11[1]=7 18 201 0\namd_fn8000001dh[3]=1 2 3 4\n"
        "amd_fn80000026h[1]=5 6 7 8\n" +
        std::string(80, '-') + "\nx86\nbasic_cpuid[0]=ffffffff 0 0 0\n");
    const CpuDump& cpu = dump.cpus.at(0);
    EXPECT_EQ(cpu.find(7, 0), kSeven);
    EXPECT_EQ(cpu.find(0x80000001, 0), (Registers{1, 2, 3, 4}));
    EXPECT_EQ(cpu.find(4, 2)->eax, 0xfc01c143U);
    EXPECT_EQ(cpu.find(0xb, 1), (Registers{7, 0x18, 0x201, 0}));
    EXPECT_EQ(cpu.find(0x8000001d, 3), (Registers{1, 2, 3, 4}));
    EXPECT_EQ(cpu.find(0x80000026, 1), (Registers{5, 6, 7, 8}));
    EXPECT_EQ(cpu.find(0, 0), std::nullopt) << "what stands below the ruled line is not part of the dump";
}

TEST(RawDump, CpusAreTheOnesThatTheHeadingsName) {
    constexpr std::string_view kLine = "CPUID 00000000: 0000000{}-756E6547-6C65746E-49656E69\n";
    for (const std::string_view heading :
         {"------[ Logical CPU #{} ]------\n", "------[ CPUID Registers / Logical CPU #{} ]------\n",
          "CPU#00{} AffMask: 0x1\n", "_________________ Logical CPU #{} _________________\n", "CPU {}:\n"})
        for (const int first : {0, 1}) {
            std::string text;
            for (int cpu = 0; cpu < 3; ++cpu)
                text += fmt::format(fmt::runtime(heading), first + cpu) + fmt::format(fmt::runtime(kLine), cpu);
            const RawDump dump = read(text);
            ASSERT_EQ(dump.cpus.size(), 3U) << text;
            for (int cpu = 0; cpu < 3; ++cpu) EXPECT_EQ(dump.cpus.at(cpu).find(0, 0)->eax, static_cast<unsigned>(cpu));
        }
    const RawDump same =
        read(fmt::format("CPU#000 AffMask: 0x1\n{0}CPU#000 AffMask: 0x2\n{0}------[ Logical CPU #7 ]\n",
                         "CPUID 00000001: 00000001-00000002-00000003-00000004\n"));
    EXPECT_EQ(same.cpus.size(), 2U) << "two blocks of one number are two CPUs, an empty one is none";
}

TEST(RawDump, WhatIsNoDumpIsSaidWithTheWayOut) {
    struct Wrong {
        std::string text, part;
    };
    const Wrong kWrong[] = {{"processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t: fpu\n", "--root DIR"},
                            {"machdep.cpu.vendor: GenuineIntel\n", "cpuid -r"},
                            {"", "InstLatx64"},
                            {std::string("\xff\xfe"
                                         "C\0P\0U\0I\0D\0",
                                         12),
                             "iconv"},
                            {"\x7f\x45LF rubbish\n", "InstLatx64"},
                            {"CPUID 00000007: 00000001-239CA7EB-98C027\n", "whole"},
                            {"basic_cpuid[7]=00000001\n", "whole"},
                            {"basic_cpuid[x]=1 2 3 4\n", "whole"},
                            {"0x00000007 0x00: eax=0x1 ebx=0x2 ecx=0x3\n", "whole"},
                            {"arm_midr=xyz\n", "whole"},
                            {"1 0 1 2 3 4\nXCR0 zz\n", "whole"}};
    for (const Wrong& wrong : kWrong) {
        const auto dump = parse_raw_dump(wrong.text, "dump.txt");
        ASSERT_FALSE(dump.has_value()) << wrong.text;
        EXPECT_EQ(dump.error().id, "cpuid-dump");
        EXPECT_EQ(dump.error().where.file, "dump.txt");
        EXPECT_NE(dump.error().hint.find(wrong.part), std::string::npos) << wrong.text << ": " << dump.error().hint;
    }
}

TEST(RawDump, IsBounded) {
    std::string answers;
    for (int leaf = 0; leaf < 5000; ++leaf) answers += fmt::format("{:x} 0 1 2 3 4\n", leaf);
    EXPECT_FALSE(parse_raw_dump(answers, "x").has_value());
    std::string cpus;
    for (int cpu = 0; cpu < 9000; ++cpu) cpus += "CPU 0:\n1 0 1 2 3 4\n";
    EXPECT_FALSE(parse_raw_dump(cpus, "x").has_value());
    std::string same;
    for (int i = 0; i < 5000; ++i) same += "CPUID 00000004: 00000001-00000002-00000003-00000004\n";
    EXPECT_EQ(read(same).cpus.at(0).leaves.size(), 64U);
}

// --- what the operating system saved -------------------------------------------------------------------------------

/// A CPU with AVX-512 that supports all of 0x2e7, whose states in use have `size` bytes.
CpuDump with_sizes(std::uint32_t size, std::uint32_t ospke = 0x10) {
    CpuDump dump;
    dump.leaves[{0, 0}] = {0x20, 0x756e6547, 0x6c65746e, 0x49656e69};
    dump.leaves[{1, 0}].ecx = (1U << 27) | (1U << 28);
    dump.leaves[{7, 0}] = {0, 1U << 16, ospke, 0};
    dump.leaves[{0xd, 0}] = {0x602e7, size, 0x2b00, 0};
    return dump;
}

TEST(SavedState, IsWhatTheSizesOfLeafDProve) {
    EXPECT_EQ(proven_state(with_sizes(0x240))->xcr0, 0x3U);
    EXPECT_EQ(proven_state(with_sizes(0x340))->xcr0, 0x7U);
    EXPECT_EQ(proven_state(with_sizes(0xa80))->xcr0, 0xe7U);
    EXPECT_EQ(proven_state(with_sizes(0xa88))->xcr0, 0x2e7U);
    EXPECT_EQ(proven_state(with_sizes(0xa88, 0))->xcr0, 0xe7U) << "without OSPKE there are no protection keys";
    EXPECT_EQ(proven_state(with_sizes(0x2b00))->xcr0, 0x602e7U);
    EXPECT_FALSE(proven_state(with_sizes(0x2b00))->assumed);
    CpuDump closer = with_sizes(0x980);
    closer.leaves[{0xd, 5}] = {0x40, 0x340, 0, 0};
    closer.leaves[{0xd, 6}] = {0x200, 0x380, 0, 0};
    closer.leaves[{0xd, 7}] = {0x400, 0x580, 0, 0};
    EXPECT_EQ(proven_state(closer)->xcr0, 0xe7U) << "AMD packs them closer";
    closer.leaves[{0xd, 5}].ecx = 1;
    EXPECT_EQ(proven_state(closer)->xcr0, 0xc7U) << "a state of IA32_XSS is not in XCR0";
}

TEST(SavedState, OfApxIsNeverProvedByASize) {
    CpuDump dump = with_sizes(0xa88);
    EXPECT_FALSE(proven_state(dump)->apx_open);
    dump.leaves[{0xd, 0}].eax |= 1U << 19;
    dump.leaves[{0xd, 19}] = {128, 960, 0, 0};
    EXPECT_EQ(proven_state(dump)->xcr0, 0x2e7U) << "AVX-512 lies behind it";
    EXPECT_TRUE(proven_state(dump)->apx_open);
}

TEST(DumpedMachine, SaysThatApxIsNotProved) {
    const std::string nova_lake =
        "0 0 20 756e6547 6c65746e 49656e69\n1 0 400f10 0 18000000 0\n7 0 1 10000 10 0\n7 1 0 0 0 200000\n"
        "d 0 802e7 a88 a88 0\nd 13 80 3c0 0 0\n80000000 0 80000001 0 0 0\n80000001 0 0 0 21 2c100800\n";
    const auto features = [](const std::string& text) {
        const auto source = DumpedMachine::parse(text, "dump.txt");
        const auto machine = probe(**source, "h");
        const bool noted = std::ranges::any_of(
            machine->notes, [](const std::string& note) { return note.find("APX") != std::string::npos; });
        return std::pair(machine->cpu.features.contains("apx"), noted);
    };
    EXPECT_EQ(features(nova_lake), std::pair(false, true));
    EXPECT_EQ(features(nova_lake + "XCR0 802e7\n"), std::pair(true, false));
}

TEST(SavedState, IsAssumedWhereNothingProvesIt) {
    CpuDump dump = with_sizes(0);
    EXPECT_TRUE(proven_state(dump)->assumed);
    EXPECT_EQ(proven_state(dump)->xcr0, 0xe7U);
    dump.leaves.erase({0xd, 0});
    EXPECT_EQ(proven_state(dump)->xcr0, 0xe7U);
    dump.leaves[{1, 0}].ecx = 1U << 28;
    EXPECT_EQ(proven_state(dump), std::nullopt) << "no OSXSAVE, no AVX";
}

TEST(DumpedMachine, KnowsTheCpuAndSaysThatItKnowsNoMore) {
    const auto source = DumpedMachine::parse(
        "0 0 7 756e6547 6c65746e 49656e69\n1 0 306c3 100800 7fdafbbf bfebfbff\n7 0 0 27ab 0 0\n"
        "80000000 0 80000001 0 0 0\n80000001 0 0 0 21 2c100800\n",
        "dump.txt");
    ASSERT_TRUE(source.has_value());
    const auto machine = probe(**source, "h");
    EXPECT_EQ(machine->system, "x86_64-linux");
    EXPECT_EQ(machine->cpu.microarchitecture, "haswell");
    EXPECT_EQ(machine->cpu.codename, "Haswell");
    EXPECT_TRUE(machine->cpu.features.contains("avx2"));
    EXPECT_EQ(machine->cpu.numa_nodes, std::nullopt);
    EXPECT_EQ(machine->memory_mib, std::nullopt);
    ASSERT_EQ(machine->notes.size(), 2U);
    EXPECT_NE(machine->notes[1].find("OSXSAVE"), std::string::npos);
    EXPECT_FALSE(DumpedMachine::open("/no/such/file").has_value());
}

// A CPU with AVX2 and, if `whole`, its extended leaves.
std::string haswell(bool whole) {
    return std::string("0 0 7 756e6547 6c65746e 49656e69\n1 0 306c3 100800 7fdafbbf bfebfbff\n7 0 0 27ab 0 0\n") +
           (whole ? "80000000 0 80000001 0 0 0\n80000001 0 0 0 21 2c100800\n" : "");
}

TEST(DumpedMachine, ADumpThatEndsEarlyIsNotTakenForWhole) {
    const auto of = [](const std::string& text) {
        return probe(**DumpedMachine::parse(text, "dump.txt"), "h").value();
    };
    const auto noted = [](const facts::Machine& machine, std::string_view part) {
        return std::ranges::any_of(machine.notes,
                                   [&](const std::string& note) { return note.find(part) != std::string::npos; });
    };
    const facts::Machine cut = of(haswell(false));
    EXPECT_EQ(cut.system, "x86_64-linux") << "no 32-bit CPU has AVX";
    EXPECT_TRUE(noted(cut, "lacks leaf 0x80000000"));
    EXPECT_TRUE(noted(of(haswell(false) + "80000000 0 80000008 0 0 0\n"), "lacks leaf 0x80000001"));
    EXPECT_FALSE(noted(of(haswell(true)), "lacks"));
    const facts::Machine old = of("0 0 2 756e6547 6c65746e 49656e69\n1 0 673 0 0 383fbff\n80000000 0 0 0 0 0\n");
    EXPECT_EQ(old.system, "i686-linux");
    EXPECT_FALSE(noted(old, "lacks")) << "a Pentium III has no such leaves";

    const std::string two = "CPU 0:\n" + haswell(true) + "CPU 1:\n" + haswell(true);
    EXPECT_EQ(of(two).cpu.cpus, 2);
    for (const std::string& text :
         {two + "CPU 2:\n" + haswell(false), two + "CPU 2:\n0 0 7 756e6547 6c65746e 49656e69\n"}) {
        const facts::Machine machine = of(text);
        EXPECT_TRUE(noted(machine, "in the middle of CPU 2"));
        EXPECT_TRUE(machine.cpu.features_some.empty());
        EXPECT_EQ(machine.cpu.x86_64_level, of(two).cpu.x86_64_level);
    }
    for (const std::string_view text : {"7 0 0 27ab 0 0\n", "0 0 7 756e6547 6c65746e 49656e69\n"}) {
        const auto refused = DumpedMachine::parse(text, "dump.txt");
        ASSERT_FALSE(refused.has_value()) << text;
        EXPECT_EQ(refused.error().id, "cpuid-dump");
    }
}

TEST(DumpedMachine, ArmRegistersBecomeTheFeaturesThatLinuxNames) {
    const auto source = DumpedMachine::parse(
        "_________________ Logical CPU #0 _________________\narm_midr=00000000411fd0b0\n"
        "arm_id_aa64pfr0=0000000011111111\narm_id_aa64isar0=0000000000100020\n"
        "_________________ Logical CPU #1 _________________\narm_midr=00000000411fd0b0\n"
        "arm_id_aa64pfr0=0000000000ff1111\narm_id_aa64isar0=0000000000100000\n",
        "dump.txt");
    ASSERT_TRUE(source.has_value());
    const auto machine = probe(**source, "h");
    EXPECT_EQ(machine->system, "aarch64-linux");
    EXPECT_EQ(machine->cpu.features, (facts::FeatureSet{}));
    EXPECT_TRUE(machine->cpu.features_some.contains("fphp")) << "0xf is none";
    EXPECT_TRUE(machine->cpu.features_some.contains("pmull"));
    EXPECT_EQ(machine->cpu.cpus, 2);
}

}  // namespace
}  // namespace lf::probe
