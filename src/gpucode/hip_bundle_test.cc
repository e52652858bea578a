// SPDX-License-Identifier: MIT
#include "gpucode/hip_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gpucode/containers_test.h"

namespace lf::gpucode {
namespace {

using for_test::BundleItem;
using for_test::Data;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

GpuCode read(const Data& data, const std::vector<std::uint64_t>& starts = {}) {
    Collector out;
    read_bundles({data, 0}, starts, out);
    return out.finish();
}

std::uint64_t stored(const GpuCode& code) {
    std::uint64_t sum = 0;
    for (const Target& target : code.targets) sum += target.stored_bytes;
    return sum;
}

constexpr std::uint16_t kVersions[] = {1, 2, 3}, kMethods[] = {0, 1};
const BundleItem kHost = {"host-x86_64-unknown-linux-gnu-", {}};

Data three_targets(std::size_t alignment = 64) {
    return for_test::bundle({kHost,
                             {"hipv4-amdgcn-amd-amdhsa--gfx1100", for_test::noise(3000)},
                             {"hipv4-amdgcn-amd-amdhsa--gfx90a:xnack+", for_test::noise(1000)},
                             {"hip-amdgcn-amd-amdhsa--gfx906", for_test::noise(100)}},
                            alignment);
}

TEST(Bundle, Plain) {
    Data data = three_targets(4096);
    for_test::pad_to(data, 4096);
    for_test::put_data(data, three_targets(4096));
    const GpuCode code = read(data);
    EXPECT_EQ(for_test::summary(code), "gfx906 2x 200/200\ngfx90a:xnack+ 2x 2000/2000\ngfx1100 2x 6000/6000\n");
    EXPECT_EQ(code.containers, 2U);
    EXPECT_THAT(code.notes, IsEmpty());
}

TEST(Bundle, IdsAreReadLeniently) {
    const std::pair<std::string_view, std::string_view> kCases[] = {
        {"hipv4-amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-", "gfx90a:sramecc+:xnack-"},
        {"hip-amdgcn-amd-amdhsa-gfx803", "gfx803"},
        {"openmp-amdgcn-amd-amdhsa-unknown-gfx90c", "gfx90c"},
        {"hipv4-amdgcn-amd-amdhsa-unknown-gfx1151", "gfx1151"},
        {"hipv4-amdgcn-amd-amdhsa--gfx9-4-generic:xnack-", "gfx9-4-generic:xnack-"},
        {"hipv4-amdgcn-amd-amdhsa--gfx10-3-generic", "gfx10-3-generic"},
        {"hipv4-amdgcn-amd-amdhsa--gfx1399", "gfx1399"},
        {"gfx1030", "gfx1030"},
        {"cuda-nvptx64-nvidia-cuda--sm_90a", "sm_90a"},
        {"hip-spirv64-amd-amdhsa--amdgcnspirv", "amdgcnspirv"},
        {"host-x86_64-unknown-linux-gnu-host-x86_64-unknown-linux-gnu-", ""},
        {"hipv4-amdgcn-amd-amdhsa--", ""},
        {"hipv4-amdgcn-amd-amdhsa--gfx", ""},
        {"hipv4-amdgcn-amd-amdhsa--gfx90a:xnack", ""},
        {"hipv4-amdgcn-amd-amdhsa--gfx90a;rm", ""},
        {"hipv4-amdgcn-amd-amdhsa--notgfx906", ""},
        {"", ""},
    };
    for (const auto& [id, name] : kCases) {
        const auto target = bundle_target(id);
        EXPECT_EQ(target ? target->name : "", name) << id;
    }
    EXPECT_EQ(bundle_target("cuda-nvptx64-nvidia-cuda--sm_90a")->kind, Kind::cuda_machine);
    EXPECT_TRUE(is_host_id("host-x86_64-unknown-linux-gnu-host-x86_64-unknown-linux-gnu-"));
}

TEST(Bundle, WhatTheIdDoesNotSayTheCodeObjectDoes) {
    const GpuCode code = read(for_test::bundle({
        {"strange-1", for_test::elf_head(224, 64, 3, 0x0f3f)},  // V5: gfx90a, sramecc on, xnack on
        {"strange-2", for_test::elf_head(224, 64, 4, 0x01000054)},
        {"strange-3", for_test::elf_head(224, 64, 4, 0xf9)},
        {"strange-4", Data(500, 7)},
        {"host-x86_64-unknown-linux-gnu-", Data(9, 7)},
    }));
    EXPECT_EQ(for_test::names(code), "gfx90a:sramecc+:xnack+ gfx11-generic");
    EXPECT_THAT(code.notes, ElementsAre("1 entry of AMD code object for machine 0xf9 (64 bytes)",
                                        "1 entry of a target that is not known, strange-4 (500 bytes)",
                                        "1 entry of code for the CPU (9 bytes)"));
}

TEST(Bundle, CompressedInEveryVersion) {
    for (const std::uint16_t version : kVersions) {
        for (const std::uint16_t method : kMethods) {
            const Data one = for_test::ccob(version, method, three_targets());
            Data data = one;
            for_test::pad_to(data, 8);
            for_test::put_data(data, one);
            const GpuCode code = read(data);
            EXPECT_EQ(for_test::names(code), "gfx906 gfx90a:xnack+ gfx1100") << version << ' ' << method;
            EXPECT_EQ(code.containers, 2U);
            EXPECT_THAT(code.notes, IsEmpty());
            ASSERT_EQ(code.targets.size(), 3U);
            EXPECT_EQ(code.targets[2].unpacked_bytes, 6000U);
            EXPECT_EQ(code.targets[2].compression, method == 1 ? "zstd" : "zlib");
            EXPECT_LE(stored(code), data.size());
            EXPECT_GE(stored(code) + 100, data.size());  // all but the headers, up to rounding
        }
    }
}

TEST(Bundle, AMagicNumberInPackedBytesIsNoBundle) {
    Data inner = three_targets();
    const std::string_view magic = "CCOB";
    for (std::size_t at = 1000; at < 1100; ++at) inner[at] = static_cast<std::uint8_t>(magic[at % 4]);
    for (const std::uint16_t version : kVersions) {  // zstd stores noise as it is: the magic number is in the file
        Data data = for_test::ccob(version, 1, inner);
        const GpuCode code = read(data);
        EXPECT_EQ(code.containers, 1U) << version;
        EXPECT_THAT(code.notes, IsEmpty());
    }
    // Version 1 with zlib does not say how long it is: the wrappers do.
    Data data = for_test::ccob(1, 0, inner);
    for_test::pad_to(data, 4096);
    const std::size_t second = data.size();
    for_test::put_data(data, for_test::ccob(1, 0, inner));
    const GpuCode code = read(data, {0, second});
    EXPECT_EQ(code.containers, 2U);
    EXPECT_THAT(code.notes, IsEmpty());
}

TEST(Bundle, ALongListIsUnpackedFurther) {
    std::vector<BundleItem> items;
    for (int i = 0; i < 1000; ++i)
        items.push_back({"hipv4-amdgcn-amd-amdhsa--gfx" + std::to_string(1000 + i % 50), Data(8, 1)});
    const GpuCode code = read(for_test::ccob(3, 1, for_test::bundle(items)));
    EXPECT_EQ(code.targets.size(), 50U);
    EXPECT_THAT(code.notes, IsEmpty());
}

TEST(Bundle, DamageIsSaidAndTheRestCounts) {
    Data data = three_targets();
    for_test::pad_to(data, 8);
    const std::size_t second = data.size();
    for_test::put_data(data, for_test::bundle({{"hipv4-amdgcn-amd-amdhsa--gfx1201", Data(64, 2)}}));
    const std::size_t first_entry = 32 + 24 + kHost.id.size();
    const auto damaged = [&](std::size_t at, std::uint64_t value) {
        Data copy = data;
        for_test::set(copy, at, value);
        return read(copy);
    };
    EXPECT_THAT(for_test::names(damaged(first_entry, 1U << 30U)), "gfx906 gfx90a:xnack+ gfx1201");  // its offset
    EXPECT_THAT(for_test::names(damaged(first_entry + 8, ~std::uint64_t{0})),
                "gfx906 gfx90a:xnack+ gfx1201");                                            // its size
    EXPECT_THAT(for_test::names(damaged(first_entry, 0)), "gfx906 gfx90a:xnack+ gfx1201");  // over the list itself
    EXPECT_THAT(for_test::names(damaged(first_entry + 16, 1U << 20U)), "gfx1201");          // the length of its id
    EXPECT_THAT(for_test::names(damaged(24, 2)), "gfx1100 gfx1201");                        // the count
    EXPECT_THAT(damaged(24, 1U << 30U).notes, testing::Contains(HasSubstr(" of 1073741824 ")));
    data.resize(data.size() + 64);  // no bundle begins there
    EXPECT_THAT(read(data, {0, second, data.size() - 8}).notes, ElementsAre(HasSubstr("where no bundle begins")));

    const Data packed = for_test::ccob(2, 1, three_targets());
    Data copy = packed;
    for_test::set<std::uint16_t>(copy, 4, 9);
    EXPECT_THAT(read(copy).notes, ElementsAre(HasSubstr("version 9, which is not known")));
    copy = packed;
    for_test::set<std::uint16_t>(copy, 6, 2);
    EXPECT_THAT(read(copy).notes, ElementsAre(HasSubstr("method 2, which is not known")));
    copy = packed;
    for_test::set<std::uint32_t>(copy, 8, 0x7fffffff);
    EXPECT_EQ(for_test::names(read(copy)), "gfx906 gfx90a:xnack+ gfx1100");
    EXPECT_THAT(read(copy).notes, ElementsAre(HasSubstr("it claims 2147483647 bytes")));
    copy = packed;
    std::fill(copy.begin() + 24, copy.end(), std::uint8_t{0x5a});
    EXPECT_THAT(read(copy).notes, ElementsAre(HasSubstr("cannot be unpacked")));
    EXPECT_THAT(read(for_test::ccob(2, 1, Data(1000, 1))).notes, ElementsAre(HasSubstr("is no bundle")));
}

TEST(Bundle, CutAtEveryByteAndEveryByteAnything) {
    const std::vector<Data> all = {three_targets(), for_test::ccob(1, 0, three_targets()),
                                   for_test::ccob(1, 1, three_targets()), for_test::ccob(2, 1, three_targets()),
                                   for_test::ccob(3, 0, three_targets())};
    for (const Data& data : all) {
        for (std::size_t size = 0; size < data.size(); ++size) {
            const Data part(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(size));
            EXPECT_LE(stored(read(part)), size);
        }
        for (std::size_t at = 0; at < std::min<std::size_t>(data.size(), 300); ++at) {
            for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
                Data copy = data;
                copy[at] = static_cast<std::uint8_t>(value);
                EXPECT_LE(stored(read(copy)), copy.size()) << at;
            }
        }
    }
}

TEST(Bundle, WhatAsksForMuchUnpackingIsStopped) {
    Data inner;
    for_test::put_text(inner, kBundleMagic);
    for_test::put<std::uint64_t>(inner, 3000);
    for (int i = 0; i < 3000; ++i) {  // a list of 1.6 MB that packs to nothing
        inner.resize(inner.size() + 16);
        for_test::put<std::uint64_t>(inner, 512);
        inner.resize(inner.size() + 512);
    }
    const Data one = for_test::ccob(2, 1, inner);
    Data data;
    for (int i = 0; i < 2000; ++i) for_test::put_data(data, one);
    EXPECT_LT(data.size(), 2000U * 4096);
    const GpuCode code = read(data);  // they stand at odd places: none is mistaken for what it holds
    EXPECT_EQ(code.containers, 2000U);
    EXPECT_THAT(code.notes, testing::Contains(HasSubstr("more work than a real one")));
}

TEST(Bundle, NotesAndTargetsAreBounded) {
    Data data;
    for (int i = 0; i < 5000; ++i) {
        for_test::put_data(data, for_test::bundle({{"hip-amdgcn-amd-amdhsa--gfx" + std::to_string(10000 + i), Data(8)},
                                                   {"odd", Data(8)},
                                                   {"odd", {}}}));
        for_test::set<std::uint64_t>(data, data.size() - 8, 7);
    }
    for_test::put_data(data, Data(64));
    const GpuCode code = read(data);
    EXPECT_EQ(code.targets.size(), Collector::kMostTargets);
    EXPECT_THAT(code.notes, ElementsAre("5000 entries of a target that is not known, odd (40000 bytes)",
                                        HasSubstr("904 entries are not counted")));
}

TEST(Bundle, EntriesThatLieOverEachOtherCountOnce) {
    Data data = for_test::bundle(
        {{"hip-amdgcn-amd-amdhsa--gfx906", Data(640, 1)}, {"hip-amdgcn-amd-amdhsa--gfx908", Data(64, 1)}});
    const std::size_t second_entry = 32 + 24 + 29;
    for_test::set(data, second_entry, elf::read_at<std::uint64_t>(data, 32).value());
    const GpuCode code = read(data);
    EXPECT_EQ(for_test::summary(code), "gfx906 1x 640/640\n");
    EXPECT_THAT(code.notes, ElementsAre(HasSubstr("are taken already")));
}

}  // namespace
}  // namespace lf::gpucode
