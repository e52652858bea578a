// SPDX-License-Identifier: MIT
#include "x86/decode.h"

#include <gtest/gtest.h>

#include <vector>

namespace lf::x86 {
namespace {

struct Case {
    std::vector<std::uint8_t> code;
    std::string_view isa;
    int length;
    Flow flow = Flow::next;
    std::uint64_t target = 0;
    bool asks_cpu = false;
};

constexpr std::uint64_t kAddress = 0x1000;

// AT&T or Intel names do not matter; the bytes are the SDM's.
const std::vector<Case> kCases = {
    {{0xc3}, "I86", 1, Flow::ret},                                                         // ret
    {{0xe8, 0xfb, 0xff, 0xff, 0xff}, "I86", 5, Flow::call, kAddress},                      // call itself
    {{0x67, 0xe8, 0x01, 0, 0, 0}, "I86", 6, Flow::call, kAddress + 7},                     // addr32 call
    {{0xeb, 0xfe}, "I86", 2, Flow::jump, kAddress},                                        // jmp itself
    {{0x0f, 0x84, 0x10, 0, 0, 0}, "I86", 6, Flow::conditional, kAddress + 0x16},           // je
    {{0xe3, 0x00}, "LONGMODE", 2, Flow::conditional, kAddress + 2},                        // jrcxz
    {{0xc7, 0xf8, 0x04, 0, 0, 0}, "RTM", 6, Flow::conditional, kAddress + 10},             // xbegin
    {{0xff, 0x25, 0x10, 0, 0, 0}, "I86", 6, Flow::indirect_jump, kAddress + 0x16},         // jmp *0x10(%rip)
    {{0xf2, 0xff, 0x25, 0x10, 0, 0, 0}, "I86", 7, Flow::indirect_jump, kAddress + 0x17},   // bnd jmp
    {{0xff, 0x15, 0xf0, 0xff, 0xff, 0xff}, "I86", 6, Flow::indirect_call, kAddress - 10},  // call *-0x10(%rip)
    {{0xff, 0xd0}, "I86", 2, Flow::indirect_call},                                         // call *%rax
    {{0xff, 0xe0}, "I86", 2, Flow::indirect_jump},                                         // jmp *%rax
    {{0x48, 0x8d, 0x05, 0x01, 0, 0, 0}, "I86", 7, Flow::next, kAddress + 8},               // lea 1(%rip)
    {{0x67, 0x48, 0x8d, 0x05, 0x01, 0, 0, 0}, "I86", 8, Flow::next, kAddress + 9},         // lea 1(%eip)
    {{0xc6, 0x05, 0x01, 0, 0, 0, 0x07}, "I86", 7, Flow::next, kAddress + 8},               // movb $7,1(%rip)
    {{0x0f, 0x0b}, "PPRO", 2, Flow::stop},                                                 // ud2
    {{0xf4}, "I86", 1, Flow::stop},                                                        // hlt
    {{0x0f, 0xa2}, "I486REAL", 2, Flow::next, 0, true},                                    // cpuid
    {{0x0f, 0x01, 0xd0}, "XSAVE", 3, Flow::next, 0, true},                                 // xgetbv
    {{0xf3, 0x0f, 0x1e, 0xfa}, "CET", 4},                                                  // endbr64
    {{0xf3, 0x48, 0x0f, 0xae, 0xe8}, "CET_SHSTK", 5},                                      // incsspq
    {{0xf3, 0x0f, 0xbc, 0xc1}, "BMI1_TZCNT", 4},                                           // tzcnt
    {{0xf3, 0x0f, 0xbd, 0xc1}, "LZCNT", 4},                                                // lzcnt
    {{0xf3, 0x0f, 0xb8, 0xc1}, "POPCNT", 4},                                               // popcnt
    {{0xc4, 0xe3, 0x71, 0x44, 0xc2, 0x01}, "AVX_PCLMULQDQ", 6},                            // vpclmulqdq xmm
    {{0xc4, 0xe3, 0x75, 0x44, 0xc2, 0x01}, "VPCLMULQDQ", 6},                               // vpclmulqdq ymm
    {{0xc5, 0xfc, 0x28, 0x05, 0x08, 0, 0, 0}, "AVX", 8, Flow::next, kAddress + 16},        // vmovaps 8(%rip)
    {{0x62, 0xf1, 0x7c, 0x48, 0x28, 0x05, 0x08, 0, 0, 0}, "AVX512F_512", 10, Flow::next, kAddress + 18},
    {{0xf3, 0x0f, 0xa6, 0xe0}, "PADLOCK_PHE", 4},       // rep xsha512
    {{0xf3, 0x0f, 0xa7, 0xf8}, "PADLOCK_RNG", 4},       // rep xrng2
    {{0x66, 0x0f, 0x38, 0xf8, 0x01}, "MOVDIR64B", 5},   // movdir64b
    {{0x0f, 0x38, 0xf9, 0x01}, "MOVDIR", 4},            // movdiri
    {{0x0f, 0x0f, 0xc1, 0xbb}, "AMD3DNOW_EXT", 4},      // pswapd
    {{0x0f, 0x0f, 0xc1, 0x9e}, "AMD3DNOW", 4},          // pfadd
    {{0xf3, 0x0f, 0x38, 0xf8, 0x01}, "PRIVILEGED", 5},  // enqcmds
};

void expect_case(const Case& expected, Insn got) {
    const std::string_view isa = got.isa == kUnknownIsa ? "unknown" : isa_sets()[got.isa].name;
    EXPECT_EQ(isa, expected.isa);
    EXPECT_EQ(got.length, expected.length) << expected.isa;
    EXPECT_EQ(got.flow, expected.flow) << expected.isa;
    EXPECT_EQ(got.target, expected.target) << expected.isa;
    EXPECT_EQ(got.asks_cpu, expected.asks_cpu) << expected.isa;
}

TEST(Decode, TellsLengthSetAndFlow) {
    for (const Case& c : kCases) {
        expect_case(c, decode(c.code, kAddress));
        expect_case(c, decode_slowly(c.code, kAddress));
    }
}

TEST(Decode, NeverReadsPastTheEnd) {
    for (const Case& c : kCases) {
        for (std::size_t size = 0; size < c.code.size(); ++size) {
            const std::vector<std::uint8_t> part(c.code.begin(), c.code.begin() + static_cast<std::ptrdiff_t>(size));
            const Insn fast = decode(part, kAddress);
            EXPECT_EQ(fast.length, decode_slowly(part, kAddress).length) << c.isa << " cut at " << size;
            EXPECT_LE(fast.length, size);
        }
    }
}

}  // namespace
}  // namespace lf::x86
