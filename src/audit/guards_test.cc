// SPDX-License-Identifier: MIT
// Small programs as bytes: what may be reached on which CPU.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/formula.h"
#include "audit/program.h"
#include "audit/program_for_test.h"
#include "audit/value.h"

namespace lf::audit {
namespace {

StageResult load_of(const std::vector<std::uint8_t>& file, const facts::FeatureSet& features) {
    const auto image = elf::parse(file, "test");
    EXPECT_TRUE(image);
    return reach(analyse(*image), features)[static_cast<std::size_t>(Stage::load)];
}

// push rbx; mov eax,1; xor ecx,ecx; cpuid; <test of ecx>; <jump over>; vzeroupper; pop rbx; ret
std::string asks(std::string_view test_and_jump) {
    return "53 b8 01 00 00 00 31 c9 0f a2 " + std::string(test_and_jump) + " c5 f8 77 5b c3";
}

TEST(Guards, NothingAsked) {
    const StageResult result = load_of(program_of("c5 f8 77 c3"), {});
    ASSERT_EQ(result.faults.size(), 1U);
    EXPECT_EQ(result.faults[0].reach, Reach::yes);
    EXPECT_EQ(result.faults[0].lacking, std::vector<std::string>{"avx"});
    EXPECT_TRUE(load_of(program_of("c5 f8 77 c3"), {"avx"}).faults.empty());
}

TEST(Guards, AProgramMayStopItself) {
    // bt ecx,28; jc over an ud2
    const StageResult stopped = load_of(program_of(asks("0f ba e1 1c 72 02 0f 0b")), {});
    ASSERT_EQ(stopped.faults.size(), 1U);
    EXPECT_TRUE(stopped.faults[0].own_check);
    EXPECT_EQ(stopped.faults[0].reach, Reach::yes);
    EXPECT_EQ(stopped.faults[0].lacking, std::vector<std::string>{"avx"});
    EXPECT_TRUE(load_of(program_of(asks("0f ba e1 1c 72 02 0f 0b")), {"avx", "xsave"}).faults.empty());
    // test edi,edi; jne over an ud2: nothing of the CPU. bt ecx,28; jnc over it: where it has the feature.
    for (const std::string_view other : {"85 ff 75 02 0f 0b", "0f ba e1 1c 73 02 0f 0b"})
        for (const Fault& fault : load_of(program_of(asks(other)), {}).faults) EXPECT_FALSE(fault.own_check);
}

TEST(Guards, TheRightBitIsAGuard) {
    for (const std::string_view test : {
             "0f ba e1 1c 73 03",                          // bt ecx,28; jnc
             "f7 c1 00 00 00 10 74 03",                    // test ecx,1<<28; jz
             "c1 e9 1c 83 e1 01 74 03",                    // shr ecx,28; and ecx,1; jz
             "c1 e1 03 85 c9 79 03",                       // shl ecx,3; test ecx,ecx; jns
             "81 e1 00 00 00 18 81 f9 00 00 00 18 75 03",  // and ecx,AVX|OSXSAVE; cmp ecx,AVX|OSXSAVE; jne
             "f7 c1 00 00 00 10 0f 95 c0 84 c0 74 03",     // test; setne al; test al,al; jz
         })
        EXPECT_TRUE(load_of(program_of(asks(test)), {}).faults.empty()) << test;
}

TEST(Guards, TheWrongBitIsNone) {
    const auto file = program_of(asks("0f ba e1 14 73 03"));  // SSE4.2
    EXPECT_TRUE(load_of(file, {}).faults.empty());
    ASSERT_EQ(load_of(file, {"sse4_2"}).faults.size(), 1U);
    EXPECT_EQ(load_of(file, {"sse4_2"}).faults[0].reach, Reach::yes);
    EXPECT_TRUE(load_of(file, {"sse4_2", "avx"}).faults.empty());
}

TEST(Guards, WhereTheCpuLacksIt) {
    const auto file = program_of(asks("0f ba e1 1c 72 03"));  // jc: the way is taken where AVX is missing
    ASSERT_EQ(load_of(file, {}).faults.size(), 1U);
    EXPECT_EQ(load_of(file, {}).faults[0].reach, Reach::yes);
}

TEST(Guards, WhatIsNotUnderstoodIsSaid) {
    const auto file = program_of(asks("3d 00 05 00 00 76 03"));  // cmp eax,0x500: family and model
    ASSERT_EQ(load_of(file, {}).faults.size(), 1U);
    EXPECT_EQ(load_of(file, {}).faults[0].reach, Reach::guarded_unproved);
    EXPECT_FALSE(load_of(file, {}).faults[0].unproved.empty());
}

TEST(Guards, AnArgumentIsNoGuard) {
    const auto file = program_of("85 ff 74 03 c5 f8 77 c3");  // test edi,edi; jz
    ASSERT_EQ(load_of(file, {}).faults.size(), 1U);
    EXPECT_EQ(load_of(file, {}).faults[0].reach, Reach::yes);
}

TEST(Formula, WhatHoldsWhateverIsNotUnderstood) {
    Formulas f;
    const Formula a = f.variable(1), once = f.variable(kFirstOnce);
    EXPECT_EQ(f.both(a, f.negated(1)), kFalse);
    EXPECT_EQ(f.either(once, f.negated(kFirstOnce)), kTrue);
    EXPECT_EQ(f.surely(f.either(f.variable(kFirstBranch), f.variable(kFirstBranch + 1))), kTrue);
    EXPECT_EQ(f.surely(f.both(a, once)), kFalse);
    EXPECT_EQ(f.possibly(f.both(a, once)), a);
    bool complete = false;
    const auto ways = f.alternatives(f.either(a, f.both(f.variable(2), f.negated(1))), 8, complete);
    EXPECT_TRUE(complete);
    EXPECT_EQ(ways.size(), 2U);
}

TEST(Value, SumsAreThoseOfNumbers) {
    Values values;
    for (const std::uint64_t a : {0ULL, 1ULL, 0x7fffffffULL, 0xffffffffULL})
        for (const std::uint64_t b : {0ULL, 1ULL, 0x80000000ULL, 0xffffffffULL}) {
            Bit carry = kZeroBit, overflow;
            const Value sum = values.add(number(a), number(b), 32, carry, overflow);
            EXPECT_EQ(values.low(sum, 4), number((a + b) & 0xffffffff));
            EXPECT_EQ(carry == kOneBit, a + b > 0xffffffff);
        }
}

}  // namespace
}  // namespace lf::audit
