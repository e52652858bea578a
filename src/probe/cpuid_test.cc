// SPDX-License-Identifier: MIT
#include "probe/cpuid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace lf::probe {
namespace {

TEST(CpuDump, ReadsItsTextForm) {
    const auto dump = parse_cpu_dump("# a comment\n\n00000001 00 00a10f11 1 2 ffffffff\r\n7 1 0 0 0 0\nXCR0 e7\n", "x");
    ASSERT_TRUE(dump.has_value()) << dump.error().message;
    EXPECT_EQ(dump->find(1, 0), (Registers{0xa10f11, 1, 2, 0xffffffff}));
    EXPECT_EQ(dump->find(7, 1), Registers{});
    EXPECT_EQ(dump->find(7, 0), std::nullopt);
    EXPECT_EQ(dump->xcr0, 0xe7U);
    EXPECT_EQ(parse_cpu_dump("xcr0 none\n", "x")->xcr0, std::nullopt);
}

TEST(CpuDump, ComesBackFromWhatWasWritten) {
    CpuDump dump;
    dump.leaves[{0x80000001, 0}] = {1, 2, 3, 4};
    dump.leaves[{7, 1}] = {5, 6, 7, 8};
    EXPECT_EQ(*parse_cpu_dump(format_cpu_dump(dump), "x"), dump);
    dump.xcr0 = 0x602e7;
    EXPECT_EQ(*parse_cpu_dump(format_cpu_dump(dump), "x"), dump);
}

TEST(CpuDump, RefusesAnythingElseWithItsLine) {
    for (const std::string_view bad :
         {"0 0 0 0 0", "0 0 0 0 0 0 0", "0 0 0 0 0 g", "0 0 100000000 0 0 0", "1 0 0 0 0 0\n1 0 0 0 0 0",
          "XCR0 1\nXCR0 1", "XCR0", "XCR0 x", "\x01\x02\xff", "hello"}) {
        const auto dump = parse_cpu_dump("# first\n" + std::string(bad) + "\n", "cpuid/0.cpuid");
        ASSERT_FALSE(dump.has_value()) << bad;
        EXPECT_EQ(dump.error().id, "cpuid-dump");
        EXPECT_EQ(dump.error().where.file, "cpuid/0.cpuid");
        EXPECT_GE(dump.error().where.line, 2U);
    }
}

TEST(CpuDump, IsBounded) {
    EXPECT_FALSE(parse_cpu_dump(std::string(5000, '\n'), "x").has_value());
    EXPECT_FALSE(parse_cpu_dump(std::string(1 << 20, '0'), "x").has_value());
}

TEST(CpuDump, TakesTheNumberOfTheCpuOutAndPutsItInAgain) {
    CpuDump dump;
    dump.leaves[{1, 0}] = {1, 0x7f100800, 3, 4};
    dump.leaves[{0xb, 0}] = {1, 2, 0x100, 0x17f};
    dump.leaves[{0xb, 1}] = {7, 16, 0x201, 0x17f};
    dump.leaves[{0xb, 2}] = {0, 0, 2, 0x17f};
    dump.leaves[{0x8000001e, 0}] = {0x17f, 0x1bf, 0x302, 0};
    EXPECT_EQ(cpu_number(dump), 0x17fU);
    const CpuDump blank = without_cpu_number(dump);
    EXPECT_EQ(blank.find(1, 0), (Registers{1, 0x00100800, 3, 4}));
    EXPECT_EQ(blank.find(0x8000001e, 0), (Registers{0, 0x100, 0x300, 0}));
    for (const std::uint32_t level : {0U, 1U, 2U}) EXPECT_EQ(blank.find(0xb, level)->edx, 0U);
    EXPECT_EQ(with_cpu_number({1, 0}, *blank.find(1, 0), 0x17f), dump.find(1, 0));
    EXPECT_EQ(with_cpu_number({0xb, 1}, *blank.find(0xb, 1), 0x17f), dump.find(0xb, 1));
    EXPECT_EQ(with_cpu_number({0xb, 2}, *blank.find(0xb, 2), 0x17f), blank.find(0xb, 2)) << "the list ends before it";
    EXPECT_EQ(with_cpu_number({7, 0}, {1, 2, 3, 4}, 0x17f), (Registers{1, 2, 3, 4}));
    EXPECT_EQ(cpu_number(CpuDump{}), std::nullopt);
}

TEST(CpuDump, WantsEveryLeafThatAFeatureStandsIn) {
    for (const facts::X86Feature& feature : facts::x86_features()) {
        const auto wanted = wanted_leaves();
        EXPECT_TRUE(std::any_of(wanted.begin(), wanted.end(), [&](const WantedLeaf& leaf) {
            return leaf.leaf == feature.leaf && leaf.subleaf == feature.subleaf;
        })) << feature.name;
    }
}

}  // namespace
}  // namespace lf::probe
