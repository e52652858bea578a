// SPDX-License-Identifier: MIT
#include "gpucode/cuda_fatbin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpucode/containers_test.h"
#include "gpucode/unpack_head.h"

namespace lf::gpucode {
namespace {

using for_test::Data;
using for_test::FatEntry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

GpuCode read(const Data& data, const std::vector<std::uint64_t>& starts = {}) {
    Collector out;
    read_fatbins({data, 0}, starts, out);
    return out.finish();
}

Data text(std::string_view words) { return {words.begin(), words.end()}; }

TEST(Fatbin, EveryKindOfEntry) {
    const Data data = for_test::fatbin({
        {.kind = 1, .arch = 50, .flags = 0x2011, .header_size = 88, .payload = Data(100, 1), .unpacked = 900},
        {.kind = 1,
         .arch = 90,
         .flags = 0x8011,
         .header_size = 80,
         .payload = for_test::zstd(Data(500, 2)),
         .unpacked = 500},
        {.kind = 2, .arch = 86, .flags = 0x11, .header_size = 72},
        {.kind = 2, .arch = 90, .flags = 0x100011},
        {.kind = 2,
         .arch = 121,
         .flags = 0x1108011,
         .header_size = 104,
         .payload = for_test::zstd(Data(64, 3)),
         .unpacked = 64},
    });
    const GpuCode code = read(data);
    EXPECT_EQ(for_test::names(code), "sm_86 sm_90a sm_121a compute_50 compute_90");
    EXPECT_THAT(code.notes, IsEmpty());
    EXPECT_EQ(code.containers, 1U);
    EXPECT_EQ(code.targets[0].stored_bytes, 40U);
    EXPECT_EQ(code.targets[0].unpacked_bytes, 40U);
    EXPECT_EQ(code.targets[3].stored_bytes, 104U);  // padded to 8
    EXPECT_EQ(code.targets[3].unpacked_bytes, 900U);
    EXPECT_EQ(code.targets[3].compression, "lz4");
    EXPECT_EQ(code.targets[4].compression, "zstd");
}

TEST(Fatbin, SumsOverContainersAndPadding) {
    Data data = for_test::fatbin({{.arch = 86}, {.arch = 86, .flags = 0x8011, .unpacked = 99}});
    data.resize(data.size() + 24);  // what a linker puts between
    for_test::put_data(data, for_test::fatbin({{.arch = 86}, {.arch = 100}}));
    const GpuCode code = read(data);
    EXPECT_EQ(for_test::summary(code), "sm_86 3x 120/179 zstd\nsm_100 1x 40/40\n");
    EXPECT_EQ(code.containers, 2U);
}

TEST(Fatbin, OtherKindsAreCountedUnlessTheyHoldMachineCode) {
    const Data cubin = for_test::elf_head(190, 0x41, 8, 0x06007802);
    const GpuCode code = read(for_test::fatbin({
        {.kind = 0x40, .payload = Data(400)},
        {.kind = 0x40, .payload = Data(16)},
        {.kind = 0x10, .arch = 120, .payload = cubin},
        {.kind = 0x10, .arch = 120, .flags = 0x108011, .payload = for_test::zstd(cubin), .unpacked = 64},
        {.kind = 4, .payload = text("architecture {sm_10}")},
    }));
    EXPECT_EQ(for_test::names(code), "sm_120 sm_120a");
    EXPECT_THAT(code.notes,
                ElementsAre("1 entry of unknown kind 0x4 (24 bytes)", "2 entries of unknown kind 0x40 (416 bytes)"));
}

TEST(Fatbin, PtxSaysItselfThatItIsForAFamily) {
    const Data ptx = text(".version 8.8\n.target sm_120f\n.address_size 64\n");
    // LZ4: a token that says 15 or more literals, how many more, the literals.
    Data lz4_ptx = {0xf0, static_cast<std::uint8_t>(ptx.size() - 15)};
    for_test::put_data(lz4_ptx, ptx);
    const GpuCode code = read(for_test::fatbin({
        {.kind = 1, .arch = 120, .flags = 0x200011, .payload = ptx},
        {.kind = 1, .arch = 120, .flags = 0x208011, .payload = for_test::zstd(ptx), .unpacked = ptx.size()},
        {.kind = 1, .arch = 120, .flags = 0x202011, .payload = lz4_ptx, .unpacked = ptx.size()},
        {.kind = 2, .arch = 120, .flags = 0x200011},
        {.kind = 1, .arch = 100, .flags = 0x201011, .payload = ptx, .unpacked = 90},  // packed in a way that is not
                                                                                      // known
    }));
    EXPECT_EQ(for_test::names(code), "sm_120 compute_100 compute_120f");
    EXPECT_EQ(code.targets[2].entries, 3U);
    EXPECT_THAT(code.notes, ElementsAre(HasSubstr("compute_100 with flags that are not known (0x200000)"),
                                        HasSubstr("sm_120 with flags that are not known (0x200000)")));
}

TEST(Fatbin, DamageIsSaidAndTheRestCounts) {
    const Data first = for_test::fatbin({{.arch = 70}, {.arch = 75}, {.arch = 80}});
    Data data = first;
    for_test::put_data(data, for_test::fatbin({{.arch = 90}}));
    const std::size_t second_entry = 16 + 64 + 40;
    const auto damaged = [&](auto change) {
        Data copy = data;
        change(copy);
        return read(copy);
    };
    // An entry that claims more than there is; a header that is too short; more compressed than stored.
    for (const GpuCode& code :
         {damaged([&](Data& d) { for_test::set<std::uint64_t>(d, second_entry + 8, 1U << 30U); }),
          damaged([&](Data& d) { for_test::set<std::uint64_t>(d, second_entry + 8, ~std::uint64_t{0}); }),
          damaged([&](Data& d) { for_test::set<std::uint32_t>(d, second_entry + 4, 8); }),
          damaged([&](Data& d) { for_test::set<std::uint32_t>(d, second_entry + 4, 0xffffffff); }),
          damaged([&](Data& d) { for_test::set<std::uint32_t>(d, second_entry + 16, 41); })}) {
        EXPECT_EQ(for_test::names(code), "sm_70 sm_90");
        EXPECT_THAT(code.notes, ElementsAre(HasSubstr("entry at 0x78 of the fat binary at 0x0: ")));
    }
    EXPECT_EQ(for_test::names(damaged([&](Data& d) { for_test::set<std::uint32_t>(d, second_entry + 28, 0); })),
              "sm_70 sm_80 sm_90");
    // A container that claims more than the file has: what it holds and the next one count all the same.
    const GpuCode long_one = damaged([](Data& d) { for_test::set<std::uint64_t>(d, 8, 1U << 20U); });
    EXPECT_THAT(for_test::names(long_one), HasSubstr("sm_70 sm_75 sm_80 sm_90"));
    const GpuCode no_header = damaged([](Data& d) { for_test::set<std::uint16_t>(d, 6, 3); });
    EXPECT_EQ(for_test::names(no_header), "sm_90");
    data.resize(data.size() + 64);  // none begins there
    EXPECT_THAT(read(data, {0, first.size(), data.size() - 8}).notes,
                ElementsAre(HasSubstr("where no fat binary begins")));
}

TEST(Fatbin, CutAtEveryByte) {
    Data data = for_test::fatbin({{.kind = 1, .arch = 70, .header_size = 88}, {.arch = 86}});
    const std::size_t first = data.size();
    for_test::put_data(data, for_test::fatbin({{.arch = 90, .flags = 0x100011, .header_size = 104}}));
    std::size_t most = 0;
    for (std::size_t size = 0; size <= data.size(); ++size) {
        const Data part(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
        const GpuCode code = read(part);
        std::uint64_t stored = 0;
        for (const Target& target : code.targets) stored += target.stored_bytes;
        EXPECT_LE(stored, size);
        EXPECT_GE(code.targets.size(), most) << size;  // more of the file is never less of an answer
        const bool clean = size < 4 || (size >= first && size < first + 4) || size == data.size();
        EXPECT_EQ(code.notes.empty(), clean) << size;
        EXPECT_EQ(code.damage.empty(), clean) << size;
        most = code.targets.size();
    }
    EXPECT_EQ(most, 3U);
}

TEST(Fatbin, EveryByteMayBeAnything) {
    const Data data = for_test::fatbin({{.kind = 1, .arch = 70, .header_size = 88}, {.arch = 86, .payload = Data(8)}});
    for (std::size_t at = 0; at < data.size(); ++at) {
        for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
            Data copy = data;
            copy[at] = static_cast<std::uint8_t>(value);
            std::uint64_t stored = 0;
            for (const Target& target : read(copy).targets) stored += target.stored_bytes;
            EXPECT_LE(stored, data.size()) << at;
        }
    }
}

TEST(UnpackHead, Lz4) {
    const auto unpack = [](const Data& packed, std::size_t want) {
        const auto out = unpack_head(packed, Packing::lz4, want);
        return std::string(out.begin(), out.end());
    };
    // 3 literals, a match of 4 + 2 from 3 back, then 2 literals.
    const Data block = {0x32, 'a', 'b', 'c', 3, 0, 0x20, 'x', 'y'};
    EXPECT_EQ(unpack(block, 100), "abcabcabcxy");
    EXPECT_EQ(unpack(block, 5), "abcab");
    for (std::size_t size = 0; size < block.size(); ++size) {
        const std::string part = unpack({block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size)}, 100);
        EXPECT_TRUE(std::string("abcabcabcxy").starts_with(part)) << size;
    }
    EXPECT_EQ(unpack({0x1f, 'z', 1, 0, 255, 255, 3}, 10000), std::string(1 + 4 + 15 + 255 + 255 + 3, 'z'));
    EXPECT_EQ(unpack({0x1f, 'z', 2, 0, 9}, 100), "z");  // from before the beginning
    EXPECT_EQ(unpack({0x1f, 'z', 0, 0, 9}, 100), "z");
}

}  // namespace
}  // namespace lf::gpucode
