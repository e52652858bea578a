// SPDX-License-Identifier: MIT
#include "x86/mnemonic.h"

#include <gtest/gtest.h>

#include <vector>

namespace lf::x86 {
namespace {

TEST(Mnemonic, WritesWhatPeopleWrite) {
    const struct {
        std::vector<std::uint8_t> code;
        const char* text;
        const char* bytes;
    } cases[] = {
        {{0x62, 0xf1, 0x75, 0x48, 0xfe, 0xc2, 0x90, 0x90}, "vpaddd zmm0, zmm1, zmm2", "62 f1 75 48 fe c2"},
        {{0xf3, 0x48, 0x0f, 0xbd, 0xc7}, "lzcnt rax, rdi", "f3 48 0f bd c7"},
        {{0xc5, 0xf5, 0xfe, 0xc2}, "vpaddd ymm0, ymm1, ymm2", "c5 f5 fe c2"},
        {{0x62, 0xf1, 0x74, 0xcf, 0x58, 0xc2}, "vaddps zmm0 {k7} {z}, zmm1, zmm2", "62 f1 74 cf 58 c2"},
        {{0x48, 0x8d, 0x05, 0x10, 0x00, 0x00, 0x00}, "lea rax, [0x0000000000001017]", "48 8d 05 10 00 00 00"},
        {{0x06}, "", "06"},
        {{}, "", ""},
    };
    for (const auto& [code, text, bytes] : cases) {
        EXPECT_EQ(instruction_text(code, 0x1000), text) << bytes;
        EXPECT_EQ(instruction_bytes(code), bytes);
    }
}

}  // namespace
}  // namespace lf::x86
