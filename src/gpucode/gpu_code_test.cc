// SPDX-License-Identifier: MIT
#include "gpucode/gpu_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/files.h"
#include "base/text.h"
#include "gpucode/collect.h"
#include "gpucode/containers_test.h"
#include "gpucode/ptx.h"
#include "gpucode/unpack_head.h"
#include "gpucode/wrappers.h"

namespace lf::gpucode {
namespace {

using for_test::Data;
using for_test::Program;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kSamples = std::string(LLAMA_FLEET_SOURCE_DIR) + "/../shared/data/fatbin/";

elf::Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Holds for every answer: what is counted lies in the sections that hold it, and rows are sorted, each once.
void check(const GpuCode& code) {
    std::uint64_t stored = 0;
    for (const Target& target : code.targets) stored += target.kind == Kind::spirv ? 0 : target.stored_bytes;
    EXPECT_LE(stored, code.section_bytes);
    for (std::size_t i = 1; i < code.targets.size(); ++i) {
        EXPECT_TRUE(code.targets[i - 1].kind <= code.targets[i].kind);
        EXPECT_NE(code.targets[i - 1].name, code.targets[i].name);
    }
}

GpuCode file_of(const Data& data) {
    auto code = gpu_code_of_file(data, "test");
    EXPECT_TRUE(code.has_value());
    check(*code);
    return *code;
}

// ---- real files ----

struct Sample {
    std::string file, summary;
    std::uint64_t containers = 1;
};

/// What ../shared/data/fatbin/EXPECTED.tsv says in words, and the sizes that the headers of the files say.
const std::vector<Sample> kExpected = {
    {"debian-cuda12.4-ggml-container0.fatbin",
     "sm_86 1x 35144/35144\nsm_89 1x 35144/35144\n"
     "compute_50 1x 29832/99806 lz4\ncompute_61 1x 29832/99806 lz4\ncompute_70 1x 29832/99806 lz4\n"
     "compute_75 1x 29832/99806 lz4\ncompute_80 1x 29832/99806 lz4\ncompute_90 1x 29832/99806 lz4\n"},
    {"npm-cuda13.1-ggml-container0.fatbin",
     "sm_86 1x 10320/35528 zstd\nsm_89 1x 10312/35528 zstd\nsm_120a 1x 11168/40672 zstd\nsm_121a 1x 11160/40672 zstd\n"
     "compute_75 1x 10032/99794 zstd\ncompute_80 1x 10032/99794 zstd\ncompute_90 1x 9968/99794 zstd\n"},
    {"f90.fatbin", "sm_90 1x 2608/2608\ncompute_90 1x 64/61 lz4\n"},
    {"f90a.fatbin", "sm_90a 1x 2608/2608\ncompute_90a 1x 64/62 lz4\n"},
    {"debian-hip-ggml-bundle0.hipfb",
     "gfx803 1x 37872/37872\ngfx900 1x 38048/38048\ngfx906 1x 38048/38048\ngfx908 1x 38048/38048\ngfx90a 1x "
     "39072/39072\n"
     "gfx1010 1x 38424/38424\ngfx1030 1x 38600/38600\ngfx1100 1x 39472/39472\ngfx1101 1x 39472/39472\n"
     "gfx1102 1x 39472/39472\n"},
    {"plain19.hipfb", ""},
    {"plain22.hipfb", ""},
    {"c19.hipfb", ""},
    {"c22.hipfb", ""},
    {"c22v2.hipfb", ""},
    {"k90a.cubin", "sm_90a 1x 2608/2608\n", 0},
    {"k90.cubin", "sm_90 1x 2608/2608\n", 0},
};

TEST(GpuCode, RealFilesHoldWhatTheirToolsSay) {
    const auto table = read_file(kSamples + "EXPECTED.tsv");
    if (!table) GTEST_SKIP() << "no ../shared/data/fatbin here";
    std::size_t rows = 0;
    for (const std::string_view line : lines(*table)) {
        if (line.empty() || line.starts_with('#')) continue;
        const std::string file(line.substr(0, line.find('\t')));
        const auto found =
            std::find_if(kExpected.begin(), kExpected.end(), [&](const Sample& s) { return s.file == file; });
        ASSERT_NE(found, kExpected.end()) << "no expectation for " << file;
        const auto text = read_file(kSamples + file);
        ASSERT_TRUE(text.has_value()) << file;
        const auto code = gpu_code_of_file(bytes_of(*text), file);
        ASSERT_TRUE(code.has_value()) << file;
        check(*code);
        EXPECT_THAT(code->notes, IsEmpty()) << file;
        EXPECT_EQ(code->containers, found->containers) << file;
        if (file.ends_with("hipfb") && found->summary.empty()) {
            EXPECT_EQ(for_test::names(*code), "gfx90a:xnack+ gfx1100") << file;
        } else {
            EXPECT_EQ(for_test::summary(*code), found->summary) << file;
        }
        ++rows;
    }
    EXPECT_EQ(rows, kExpected.size());
}

/// The header's number of each PTX entry against what the PTX says itself, which is unpacked for it here.
TEST(GpuCode, PtxInRealFilesIsForWhatItsHeaderSays) {
    std::size_t entries = 0;
    for (const Sample& sample : kExpected) {
        const auto text = read_file(kSamples + sample.file);
        if (!text || !sample.file.ends_with(".fatbin")) continue;
        const elf::Bytes file = bytes_of(*text);
        for (std::uint64_t at = 16; at + 64 <= file.size();) {
            const auto header = elf::read_at<std::uint32_t>(file, at + 4).value(),
                       arch = elf::read_at<std::uint32_t>(file, at + 28).value();
            const auto flags = elf::read_at<std::uint64_t>(file, at + 40).value();
            const elf::Bytes packed =
                elf::part(file, at + header, elf::read_at<std::uint32_t>(file, at + 16).value()).value();
            if (file[at] == 1) {
                const auto head = unpack_head(packed, is_zstd(packed) ? Packing::zstd : Packing::lz4, 4096);
                EXPECT_EQ(ptx_target(head), "compute_" + std::to_string(arch) + ((flags & 0x100000) != 0 ? "a" : ""))
                    << sample.file;
                ++entries;
            }
            at += header + elf::read_at<std::uint64_t>(file, at + 8).value();
        }
    }
    if (entries == 0) GTEST_SKIP() << "no ../shared/data/fatbin here";
    EXPECT_EQ(entries, 11U);
}

// ---- files of their own ----

TEST(GpuCode, BareFiles) {
    EXPECT_EQ(for_test::names(file_of(for_test::fatbin({{.arch = 75}}))), "sm_75");
    EXPECT_EQ(for_test::names(file_of(for_test::bundle({{"hip-amdgcn-amd-amdhsa--gfx906", Data(9)}}))), "gfx906");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(190, 0x33, 7, 0x5a0d5a))), "sm_90a");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(190, 0x33, 7, 0x5a055a))), "sm_90");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(190, 0x41, 8, 0x06005604))), "sm_86");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(190, 0x41, 8, 0x06007802))), "sm_120");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(224, 64, 4, 0x41))), "gfx1100");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(224, 64, 2, 0x63f))), "gfx90a:xnack-");  // any sramecc
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(224, 64, 2, 0xe4c))), "gfx942:sramecc+:xnack-");
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(224, 64, 1, 0x12f))), "gfx906:xnack+");  // V3
    EXPECT_EQ(for_test::names(file_of(for_test::elf_head(224, 64, 4, 0x01000059))), "gfx12-generic");
    EXPECT_EQ(for_test::names(file_of(for_test::shader())), "spir-v");
    const std::string ptx = "//\n.version 8.4\n.target sm_90a, texmode_independent\n.address_size 64\n";
    EXPECT_EQ(for_test::names(file_of({ptx.begin(), ptx.end()})), "compute_90a");
    EXPECT_THAT(file_of(for_test::elf_head(224, 64, 4, 0x05)).notes, ElementsAre(HasSubstr("machine 0x5")));
    EXPECT_THAT(file_of(for_test::elf_head(190, 0x33, 7, 0)).notes, ElementsAre(HasSubstr("names no SM")));
}

TEST(GpuCode, OtherFilesAreNamed) {
    const std::pair<std::string, std::string> kCases[] = {{"MTLB\1\2", "Metal"},
                                                          {"!<arch>\n", "archive"},
                                                          {"", "begins like none"},
                                                          {"#!/bin/sh", "begins like none"},
                                                          {"\x7f"
                                                           "ELF\2\1\1",
                                                           "not for a GPU"}};
    for (const auto& [begin, word] : kCases) {
        const auto code = gpu_code_of_file(bytes_of(begin), "a/file");
        ASSERT_FALSE(code.has_value());
        EXPECT_EQ(code.error().id, "gpucode-unknown");
        EXPECT_EQ(code.error().where.file, "a/file");
        EXPECT_THAT(code.error().message, HasSubstr(word));
    }
}

// ---- programs ----

TEST(GpuCode, CudaThroughWrappersAndRelocations) {
    Program program;
    Data fat = for_test::fatbin({{.arch = 86}, {.kind = 1, .arch = 90}});
    const std::size_t second = fat.size();
    for_test::put_data(fat, for_test::fatbin({{.arch = 89}}));
    const std::uint64_t at = program.next() + Program::kBase;
    program.section(".nv_fatbin", fat);
    const std::uint64_t elsewhere = program.next() + Program::kBase;
    program.section(".rodata", for_test::fatbin({{.arch = 120, .flags = 0x100011}}));
    Data wrappers;
    for_test::put_wrapper(wrappers, kCudaWrapper, at);
    for_test::put_wrapper(wrappers, kCudaWrapper, 0);  // this pointer is in a relocation only
    for_test::put_wrapper(wrappers, kCudaWrapper, elsewhere);
    const std::uint64_t segment = program.next() + Program::kBase;
    program.section(".nvFatBinSegment", wrappers, 3).relocate(segment + 24 + 8, static_cast<std::int64_t>(at + second));
    const elf::Image image = program.image();
    const GpuCode code = gpu_code(image);
    check(code);
    EXPECT_EQ(for_test::names(code), "sm_86 sm_89 sm_120a compute_90");
    EXPECT_EQ(code.containers, 3U);
    EXPECT_THAT(code.notes, IsEmpty());
    EXPECT_THAT(wrapped(image, image.sections[2], kCudaWrapper),
                ElementsAre(at - Program::kBase, at + second - Program::kBase, elsewhere - Program::kBase));
}

TEST(GpuCode, WrappersOfAnArmProgram) {
    Program program;
    const std::uint64_t at = program.next() + Program::kBase;
    program.section(".rodata", for_test::fatbin({{.arch = 87}}));
    Data wrappers;
    for_test::put_wrapper(wrappers, kCudaWrapper, 0);
    const std::uint64_t segment = program.next() + Program::kBase;
    program.section(".nvFatBinSegment", wrappers, 3).relocate(segment + 8, static_cast<std::int64_t>(at));
    elf::Image image = program.image();
    EXPECT_EQ(for_test::names(gpu_code(image)), "sm_87");
    image.machine = elf::kEmAarch64;
    EXPECT_EQ(for_test::names(gpu_code(image)), "");  // 8 means something else there
    image.relocations[0].type = 1027;
    EXPECT_EQ(for_test::names(gpu_code(image)), "sm_87");
}

TEST(GpuCode, WrappersBridgeDamage) {
    Program program;
    Data fat = for_test::fatbin({{.arch = 86}});
    for_test::set<std::uint64_t>(fat, 16 + 8, 1U << 20U);  // its entry claims too much
    fat.resize(4096, 0x50);
    const std::size_t second = fat.size();
    for_test::put_data(fat, for_test::fatbin({{.arch = 89}}));
    const std::uint64_t at = program.next() + Program::kBase;
    program.section(".nv_fatbin", fat);
    Data wrappers;
    for_test::put_wrapper(wrappers, kCudaWrapper, at + second);
    program.section(".nvFatBinSegment", wrappers, 3);
    const GpuCode code = gpu_code(program.image());
    EXPECT_EQ(for_test::names(code), "sm_89");
    EXPECT_EQ(code.notes.size(), 1U);
}

TEST(GpuCode, HipPackagesAndShadersInOneProgram) {
    Program program;
    program.section(".hip_fatbin", for_test::bundle({{"hipv4-amdgcn-amd-amdhsa--gfx1100", Data(500, 1)}}, 4096));
    Data packages = for_test::package(1, {{1, "gfx90a", for_test::elf_head(224, 64, 3, 0x53f)}});
    for_test::put_data(packages, for_test::package(2, {{3, "sm_90a", for_test::elf_head(190, 0x41, 8, 0x06005a04)},
                                                       {2, "gfx1030", Data(100, 0x42)},
                                                       {4, "sm_80", for_test::fatbin({{.arch = 80}})}}));
    program.section(".llvm.offloading", packages, 0);
    program.section("__CLANG_OFFLOAD_BUNDLE__hip-amdgcn-amd-amdhsa--gfx942", Data(77, 1), 0);
    program.section("__CLANG_OFFLOAD_BUNDLE__host-x86_64-unknown-linux-gnu-", Data(99, 1), 0);
    Data data = for_test::noise(64);
    for_test::put_data(data, for_test::shader());
    program.section(".rodata", data);
    program.section(".text", for_test::shader(), 6);  // code is not searched
    const GpuCode code = gpu_code(program.image());
    check(code);
    EXPECT_EQ(for_test::names(code), "sm_80 sm_90a gfx90a gfx942 gfx1100 spir-v");
    EXPECT_EQ(code.targets.back().entries, 1U);
    EXPECT_THAT(code.notes, ElementsAre("1 entry of LLVM bitcode for gfx1030 (100 bytes)"));
}

/// A shared library as sstrip leaves it: no section headers, and these parts one after the other, each in a PT_LOAD of
/// its own with these rights (PF_*).
Data sectionless(const std::vector<std::pair<std::uint32_t, Data>>& parts) {
    Data out = for_test::elf_head(elf::kEmX86_64, 0, 0, 0);
    for_test::set<std::uint16_t>(out, 16, elf::kEtDyn);
    for_test::set<std::uint64_t>(out, 32, 64);  // e_phoff
    for_test::set<std::uint16_t>(out, 54, 56);  // e_phentsize
    for_test::set<std::uint16_t>(out, 56, static_cast<std::uint16_t>(parts.size()));
    for_test::set<std::uint16_t>(out, 58, 64);  // e_shentsize
    std::uint64_t at = 4096;
    for (const auto& [rights, data] : parts) {
        for_test::put<std::uint32_t>(out, 1);  // PT_LOAD
        for_test::put<std::uint32_t>(out, rights);
        for (const std::uint64_t word : {at, at, at, std::uint64_t{data.size()}, std::uint64_t{data.size()}})
            for_test::put(out, word);
        for_test::put<std::uint64_t>(out, 4096);
        at = (at + data.size() + 4095) / 4096 * 4096;
    }
    for (const auto& [rights, data] : parts) {
        for_test::pad_to(out, 4096);
        for_test::put_data(out, data);
    }
    return out;
}

TEST(GpuCode, WithoutSectionsSegmentsAreSearched) {
    constexpr std::uint32_t kRuns = 1, kReads = 4;
    const Data packed =
        for_test::ccob(2, 1, for_test::bundle({{"hip-amdgcn-amd-amdhsa--gfx906", for_test::noise(900)}}));
    // Linkers put constants into the segment that runs, too (-z noseparate-code).
    const Data file = sectionless(
        {{kReads | kRuns, for_test::fatbin({{.arch = 86}})}, {kReads, packed}, {kReads, for_test::shader()}});
    const auto image = elf::parse(file, "test");
    ASSERT_TRUE(image.has_value());
    const GpuCode code = gpu_code(*image);
    check(code);
    EXPECT_EQ(for_test::names(code), "sm_86 gfx906 spir-v");
    EXPECT_EQ(code.containers, 2U);
}

TEST(GpuCode, NothingThereAndNothingInTheFile) {
    Program program;
    program.section(".rodata", for_test::noise(10000));
    EXPECT_FALSE(gpu_code(program.image()).any());
    elf::Image image = Program().section(".nv_fatbin", Data(100)).image();
    image.sections[0].bytes = {};
    EXPECT_THAT(gpu_code(image).notes, ElementsAre(HasSubstr("its 100 bytes are not in the file")));
    elf::Image cubin;
    const Data head = for_test::elf_head(190, 0x33, 7, 0x500550);
    cubin.file = head;
    cubin.machine = elf::kEmCuda;
    EXPECT_EQ(for_test::names(gpu_code(cubin)), "sm_80");
}

TEST(GpuCode, SectionsThatAreAllTheSameAreReadOnce) {
    Program program;
    program.section(".nv_fatbin", for_test::fatbin({{.arch = 86, .payload = Data(10000)}}));
    elf::Image image = program.image();
    image.sections.resize(5000, image.sections[0]);
    const GpuCode code = gpu_code(image);
    EXPECT_EQ(for_test::summary(code), "sm_86 1x 10000/10000\n");
    EXPECT_THAT(code.notes, ElementsAre(HasSubstr("lie over each other")));
    EXPECT_LE(code.section_bytes, 4 * image.file.size());
}

TEST(GpuCode, NamesSortAsPeopleCount) {
    const std::vector<std::string> sorted = {"compute_50", "compute_90", "compute_90a", "compute_100",
                                             "sm_86",      "sm_100",     "sm_120a"};
    const std::vector<std::string> gfx = {"gfx803",       "gfx906",          "gfx90a",       "gfx90a:xnack+",
                                          "gfx942",       "gfx1010",         "gfx1030",      "gfx1201",
                                          "gfx9-generic", "gfx10-1-generic", "gfx11-generic"};
    for (const auto& names : {sorted, gfx}) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            for (std::size_t j = 0; j < names.size(); ++j)
                EXPECT_EQ(name_before(names[i], names[j]), i < j) << names[i] << names[j];
        }
    }
}

}  // namespace
}  // namespace lf::gpucode
