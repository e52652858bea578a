// SPDX-License-Identifier: MIT
// Code cut into functions: who is believed, and that no byte is in two.
#include <gtest/gtest.h>

#include <ctime>

#include "elf/build_for_test.h"
#include "elf/image.h"
#include "elf/padding.h"

namespace lf::elf {
namespace {

using test::Builder;
using test::Out;
using test::Strings;

struct Range {
    std::uint64_t start, size;
};

Out frames_of(const std::vector<Range>& ranges) {
    Out out;
    out.u32(20).u32(0).u8(1).text("zR").u8(1).u8(0x78).u8(16).u8(1).u8(0x00).fill(7);
    for (const Range& range : ranges) {
        out.u32(20);
        const std::size_t back_to_the_begin = out.size();
        out.u32(back_to_the_begin).u64(range.start).u64(range.size);
    }
    return out.u32(0);
}

/// A file with code at 0x1000, these frames and these symbols.
struct File {
    Out code;
    std::vector<Range> frames;
    std::vector<Elf64_Sym> symbols;
    Strings strings;
    std::vector<std::uint8_t> bytes;
    std::vector<Function> cut() {
        Builder builder;
        builder.code(".text", 0x1000, code);
        builder.data(".eh_frame", 0x80000000, frames_of(frames));
        Out table;
        table.put(Elf64_Sym{});
        for (const Elf64_Sym& symbol : symbols) table.put(symbol);
        const auto names = builder.section(".strtab", SHT_STRTAB, 0, 0, strings.out());
        builder.section(".symtab", SHT_SYMTAB, 0, 0, table, names, sizeof(Elf64_Sym));
        bytes = builder.build();
        return functions(*parse(bytes, "a.so"));
    }
};

std::string shown(const std::vector<Function>& functions) {
    std::string out;
    for (const Function& f : functions) {
        out += std::to_string(f.start - 0x1000) + "-" + std::to_string(f.end - 0x1000);
        out += f.source == RangeSource::eh_frame ? "e" : f.source == RangeSource::symbol ? "s" : "?";
        out += std::string(f.name) + " ";
    }
    return out;
}

TEST(ElfFunctions, FramesThenSymbolsThenTheRest) {
    File file;
    file.code.fill(100, 0xc3);
    file.frames = {{0x1000 + 10, 20}, {0x1000 + 60, 10}};
    file.symbols = {test::symbol(file.strings.at("framed"), STT_FUNC, 0x1000 + 10, 5),
                    test::symbol(file.strings.at("within"), STT_FUNC, 0x1000 + 15, 5),
                    test::symbol(file.strings.at("by_hand"), STT_FUNC, 0x1000 + 35, 7),
                    test::symbol(file.strings.at("label"), STT_NOTYPE, 0x1000 + 50, 0),
                    test::symbol(file.strings.at("table"), STT_OBJECT, 0x1000 + 80, 8),
                    test::symbol(file.strings.at("too_long"), STT_FUNC, 0x1000 + 90, 1000),
                    test::symbol(file.strings.at("elsewhere"), STT_FUNC, 0x9000, 10)};
    EXPECT_EQ(shown(file.cut()),
              "0-10? 10-30eframed 30-35? 35-42sby_hand 42-50? 50-60slabel 60-70e 70-90? 90-100stoo_long ");
}

TEST(ElfFunctions, NamesTheExportedOneFirst) {
    File file;
    file.code.fill(10, 0xc3);
    file.frames = {{0x1000, 10}};
    file.symbols = {test::symbol(file.strings.at("local"), STT_FUNC, 0x1000, 10, 1, STB_LOCAL),
                    test::symbol(file.strings.at("weak"), STT_FUNC, 0x1000, 10, 1, STB_WEAK),
                    test::symbol(file.strings.at("b"), STT_FUNC, 0x1000, 10),
                    test::symbol(file.strings.at("a"), STT_FUNC, 0x1000, 10),
                    test::symbol(file.strings.at("0label"), STT_NOTYPE, 0x1000, 0),
                    test::symbol(file.strings.at("imported"), STT_FUNC, 0x1000, 0, SHN_UNDEF)};
    EXPECT_EQ(shown(file.cut()), "0-10ea ");
}

TEST(ElfFunctions, RangesOverOneAnother) {
    const auto cut = [](std::vector<Range> frames) {
        File file;
        file.code.fill(100, 0xc3);
        file.frames = std::move(frames);
        for (Range& range : file.frames) range.start += 0x1000;
        return shown(file.cut());
    };
    EXPECT_EQ(cut({{0, 100}, {20, 10}}), "0-20e 20-100e ");
    EXPECT_EQ(cut({{0, 50}, {40, 60}}), "0-40e 40-100e ");
    EXPECT_EQ(cut({{0, 50}, {0, 30}, {0, 50}}), "0-50e 50-100? ");
    EXPECT_EQ(cut({{90, 500}}), "0-90? 90-100e ");
    EXPECT_EQ(cut({{0, 10}, {10, 90}}), "0-10e 10-100e ");
    EXPECT_EQ(cut({{200, 10}}), "0-100? ");
}

TEST(ElfFunctions, PaddingIsNobodysCode) {
    File file;
    file.code.fill(16, 0xc3);                                            // framed
    file.code.add(Out{0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0});     // cs nopw
    file.code.add(Out{0x66, 0x90, 0x0f, 0x1f, 0x40, 0, 0x90, 0xcc, 0});  // other NOPs, int3, zero
    file.code.fill(13, 0xc3);                                            // framed
    file.code.fill(8, 0xcc);
    file.frames = {{0x1000, 16}, {0x1000 + 35, 13}};
    EXPECT_EQ(shown(file.cut()), "0-16e 35-48e ");
    EXPECT_EQ(padding_before(Out{0x0f, 0x1f, 0x00, 0x0f, 0x1f, 0x04, 0x25, 0, 0, 0, 0, 0xc3}.bytes()), 11U);
    EXPECT_EQ(padding_before(Out{0x0f, 0x1f, 0x84}.bytes()), 0U);        // cut off
    EXPECT_EQ(padding_before(Out{0x0f, 0x1f, 0xd8, 0xc3}.bytes()), 0U);  // /3 is no NOP of as
    EXPECT_EQ(without_padding_behind(Out{0xe9, 0, 0, 0, 0}.bytes()), 5U);
    EXPECT_EQ(without_padding_behind(Out{0xc3}.fill(40).bytes()), 16U);
}

/// A million frames that lie over one another, and as many symbols: one pass, one range each.
TEST(ElfFunctions, ManyRangesTakeLinearTime) {
    File file;
    constexpr std::uint64_t kCount = 300000;
    file.code.fill(kCount, 0xc3);
    file.frames.reserve(kCount);
    const std::uint32_t name = file.strings.at("name");
    for (std::uint64_t i = 0; i < kCount; ++i) {
        file.frames.push_back({0x1000 + i, kCount * 2});
        file.symbols.push_back(test::symbol(name, STT_FUNC, 0x1000 + i, kCount));
    }
    const std::clock_t begin = std::clock();
    EXPECT_EQ(file.cut().size(), kCount);
    // Processor time, and so much of it that only time that grows with the square takes it: this is no measurement.
    EXPECT_LT((std::clock() - begin) / CLOCKS_PER_SEC, 60);
}

}  // namespace
}  // namespace lf::elf
