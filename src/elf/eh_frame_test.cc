// SPDX-License-Identifier: MIT
// Frames in all the ways in which pointers are written, and frames that lie.
#include "elf/eh_frame.h"

#include <gtest/gtest.h>

#include <ctime>
#include <functional>

#include "elf/build_for_test.h"

namespace lf::elf {
namespace {

using test::Builder;
using test::Out;

constexpr std::uint64_t kText = 0x1000, kFrames = 0x8000;

/// A record: its length, then the body. `wide`: the 64-bit form.
Out record(const Out& body, bool wide = false) {
    Out out;
    if (wide) out.u32(0xffffffff).u64(body.size());
    else out.u32(body.size());
    return out.add(body);
}

Out cie(std::string_view augmentation, const Out& data, std::uint8_t version = 1) {
    Out out;
    out.u32(0).u8(version).text(augmentation);
    if (version == 4) out.u8(8).u8(0);
    if (augmentation == "eh") out.u64(0x1234);
    out.u8(1).u8(0x78).u8(16);
    if (augmentation.starts_with('z')) out.u8(data.size()).add(data);
    return out.fill(5);  // DW_CFA_nop
}

/// A file with a CIE at the begin of .eh_frame and the records made by `more`, which is told where each begins.
struct Table {
    Out out;
    /// An FDE for the CIE at 0; `pointers`: start and size as they are written.
    Table& fde(const Out& pointers, bool wide = false) {
        const std::size_t body = out.size() + (wide ? 12 : 4);
        out.add(record(Out().u32(body).add(pointers).u8(0), wide));
        return *this;
    }
    /// The address at which the start of the next FDE is written.
    std::uint64_t next(bool wide = false) const { return kFrames + out.size() + (wide ? 16 : 8); }
    Frames frames() const {
        Builder builder;
        builder.code(".text", kText, Out().fill(0x100, 0xc3));
        builder.data(".eh_frame", kFrames, out);
        builder.data(".got", 0x9000, Out().fill(8));
        const auto bytes = builder.build();
        return elf::frames(*parse(bytes, "a.so"));
    }
};

Table with_cie(std::string_view augmentation, const Out& data, std::uint8_t version = 1) {
    return {record(cie(augmentation, data, version))};
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges(const Frames& frames) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
    out.reserve(frames.frames.size());
    for (const Frame& frame : frames.frames) out.emplace_back(frame.start, frame.end);
    return out;
}

const std::vector<std::pair<std::uint64_t, std::uint64_t>> kOne = {{0x1010, 0x1030}};

TEST(EhFrame, EncodingsOfPointers) {
    struct Case {
        std::uint8_t encoding;
        std::function<Out(std::uint64_t here)> pointers;
    };
    const Case cases[] = {
        {0x00, [](auto) { return Out().u64(0x1010).u64(0x20); }},
        {0x01,
         [](auto) {
             return Out{0x90, 0x20, 0x20};
         }},  // ULEB128
        {0x02, [](auto) { return Out().u16(0x1010).u16(0x20); }},
        {0x03, [](auto) { return Out().u32(0x1010).u32(0x20); }},
        {0x04, [](auto) { return Out().u64(0x1010).u64(0x20); }},
        {0x09,
         [](auto) {
             return Out{0x90, 0x20, 0x20};
         }},  // SLEB128
        {0x0a, [](auto) { return Out().u16(0x1010).u16(0x20); }},
        {0x0b, [](auto) { return Out().u32(0x1010).u32(0x20); }},
        {0x0c, [](auto) { return Out().u64(0x1010).u64(0x20); }},
        {0x1b, [](auto here) { return Out().u32(0x1010 - here).u32(0x20); }},
        {0x1c, [](auto here) { return Out().u64(0x1010 - here).u64(0x20); }},
        {0x10, [](auto here) { return Out().u64(0x1010 - here).u64(0x20); }},
        {0x1a, [](auto here) { return Out().u16(0x1010 - here).u16(0x20); }},
        {0x23, [](auto) { return Out().u32(0x10).u32(0x20); }},             // from .text
        {0x3b, [](auto) { return Out().u32(0x1010 - 0x9000).u32(0x20); }},  // from .got
        {0x50, [](auto here) { return Out().fill((8 - here % 8) % 8).u64(0x1010).u64(0x20); }},
    };
    for (const Case& one : cases) {
        Table table = with_cie("zR", Out{one.encoding});
        table.fde(one.pointers(table.next()));
        const Frames found = table.frames();
        EXPECT_EQ(ranges(found), kOne) << "encoding " << int{one.encoding};
        EXPECT_TRUE(found.notes.empty());
    }
    constexpr std::uint8_t kRefused[] = {0x9b, 0x4b, 0x05, 0x7b,
                                         0xff};  // indirect, from the function, unknown, omitted
    for (const std::uint8_t encoding : kRefused) {
        const Frames found = with_cie("zR", Out{encoding}).fde(Out().u64(0x1010).u64(0x20)).frames();
        EXPECT_TRUE(found.frames.empty()) << int{encoding};
        EXPECT_EQ(found.notes.size(), 1U);
    }
}

TEST(EhFrame, Augmentations) {
    const auto pointers = [](std::uint64_t here) { return Out().u32(0x1010 - here).u32(0x20); };
    const auto read = [&](std::string_view augmentation, const Out& data, std::uint8_t version = 1) {
        Table table = with_cie(augmentation, data, version);
        return table.fde(pointers(table.next())).frames();
    };
    EXPECT_EQ(ranges(read("zR", Out{0x1b})), kOne);
    EXPECT_EQ(ranges(read("zR", Out{0x1b}, 3)), kOne);
    EXPECT_EQ(ranges(read("zR", Out{0x1b}, 4)), kOne);
    EXPECT_EQ(ranges(read("zPLR", Out{0x9b, 1, 2, 3, 4, 0x1b, 0x1b})), kOne);
    EXPECT_EQ(ranges(read("zPLR", Out{0x00, 1, 2, 3, 4, 5, 6, 7, 8, 0x1b, 0x1b})), kOne);
    EXPECT_EQ(ranges(read("zPR", Out{0x01, 0x81, 0x02, 0x1b})), kOne);
    EXPECT_EQ(ranges(read("zRS", Out{0x1b})), kOne);
    EXPECT_EQ(ranges(read("zSR", Out{0x1b})), kOne);
    EXPECT_EQ(ranges(read("zBR", Out{0x1b})), kOne);
    for (const std::string_view unknown : {"zXR", "R", "zRRRRRRRRRRRRRRRRRRRRR", "mystery"})
        EXPECT_EQ(read(unknown, Out{0x1b}).notes.size(), 1U) << unknown;
    EXPECT_EQ(read("zR", Out{0x1b}, 9).notes.size(), 1U);
    // Without z, and GCC 2's: addresses as they are.
    EXPECT_EQ(ranges(with_cie("", {}).fde(Out().u64(0x1010).u64(0x20)).frames()), kOne);
    EXPECT_EQ(ranges(with_cie("eh", {}).fde(Out().u64(0x1010).u64(0x20)).frames()), kOne);
    EXPECT_EQ(ranges(with_cie("z", {}).fde(Out().u64(0x1010).u64(0x20)).frames()), kOne);
}

TEST(EhFrame, WideRecordsTerminatorsAndMany) {
    Table table = with_cie("zR", Out{0x1b});
    table.fde(Out().u32(0x1010 - table.next(true)).u32(0x20), true);
    table.out.u32(0);                                    // an old linker's terminator in the middle
    table.fde(Out().u32(0x1040 - table.next()).u32(0));  // empty: no function
    table.fde(Out().u32(0x1050 - table.next()).u32(8));
    table.out.u32(0);
    const Frames found = table.frames();
    EXPECT_EQ(ranges(found),
              (std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0x1010, 0x1030}, {0x1050, 0x1058}}));
    EXPECT_TRUE(found.notes.empty());
}

TEST(EhFrame, DamageIsSaid) {
    const auto good = [] {
        Table table = with_cie("zR", Out{0x1b});
        return table.fde(Out().u32(0x1010 - table.next()).u32(0x20));
    };
    for (const Out& tail : {Out().u32(1000), Out().u32(0xfffffff5), Out().u32(0xffffffff).u64(~std::uint64_t{0}),
                            Out{1, 2}, Out().u32(2).u16(7)}) {
        Table table = good();
        table.out.add(tail);
        EXPECT_EQ(ranges(table.frames()), kOne);
        EXPECT_EQ(table.frames().notes.size(), 1U);
    }
    // An FDE whose CIE is nowhere, itself, or another FDE.
    for (const std::uint32_t back : {0x7fffffffU, 1U, 4U}) {
        Table table = good();
        table.out.add(record(Out().u32(back).u64(0x1010).u64(4)));
        EXPECT_EQ(ranges(table.frames()), kOne);
        EXPECT_EQ(table.frames().notes.size(), 1U) << back;
    }
    // A range that would run over the end of memory.
    EXPECT_TRUE(with_cie("", {}).fde(Out().u64(~std::uint64_t{0} - 3).u64(0x20)).frames().frames.empty());
}

TEST(EhFrame, EachPrefixOfATableIsBearable) {
    Table whole = with_cie("zPLR", Out{0x9b, 1, 2, 3, 4, 0x1b, 0x1b});
    whole.fde(Out().u32(0x1010 - whole.next()).u32(0x20));
    for (std::size_t size = 0; size <= whole.out.size(); ++size) {
        Table part{whole.out};
        part.out.bytes().resize(size);
        EXPECT_EQ(part.frames().frames.size(), size == whole.out.size() ? 1U : 0U) << size;
    }
}

TEST(EhFrame, ThroughTheSegmentWhereSectionsAreGone) {
    Builder builder;
    builder.code("", kText, Out().fill(0x100, 0xc3));
    Table table = with_cie("zR", Out{0x1b});
    table.fde(Out().u32(0x1010 - table.next()).u32(0x20));
    table.out.u32(0).u32(77);  // what follows is not read
    builder.data("", kFrames, table.out);
    const auto header = builder.data("", 0x7000, Out{1, 0x1b, 0x03, 0x3b}.u32(kFrames - 0x7004).u32(1));
    builder.segment(PT_GNU_EH_FRAME, header);
    auto bytes = builder.build(false);
    const Frames found = frames(*parse(bytes, "a.so"));
    EXPECT_EQ(ranges(found), kOne);
    EXPECT_TRUE(found.notes.empty());
    EXPECT_EQ(functions(*parse(bytes, "a.so"))[1].start, 0x1010U);
}

/// Every FDE with another CIE, and every CIE a different place in the same bytes: no more than linear.
TEST(EhFrame, ManyEntriesTakeLinearTime) {
    Out out = record(cie("zR", Out{0x1b}));
    constexpr std::uint32_t kCount = 400000;
    for (std::uint32_t i = 0; i < kCount; ++i) {
        out.u32(12);
        const std::size_t back = out.size() - i % 3 * 5;
        out.u32(back).u32(0x1000 + i).u32(0x7fffffff);
    }
    const std::clock_t begin = std::clock();
    Table{out}.frames();
    // Processor time, and so much of it that only time that grows with the square takes it: this is no measurement.
    EXPECT_LT((std::clock() - begin) / CLOCKS_PER_SEC, 60);
}

}  // namespace
}  // namespace lf::elf
