// SPDX-License-Identifier: MIT
// GPU code from anywhere: as a file of its own, as an ELF file, and as a section of each kind with wrappers that point
// into it. Whatever it is, the answer's sums hold: no byte counts twice, rows are sorted and each once, text can be
// printed. The first byte says which section, the second where a wrapper points.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "gpucode/collect.h"
#include "gpucode/gpu_code.h"
#include "gpucode/wrappers.h"

namespace {

using lf::elf::Bytes;

void must(bool holds) {
    if (!holds) std::abort();
}

void check(const lf::gpucode::GpuCode& code, std::size_t file_size) {
    std::uint64_t stored = 0;
    for (const lf::gpucode::Target& target : code.targets) {
        stored += target.stored_bytes;
        must(target.stored_bytes <= file_size && target.entries > 0 && !target.name.empty());
        for (const char c : target.name) must(c > 0x20 && c < 0x7f);
    }
    must(stored <= file_size);
    for (std::size_t i = 1; i < code.targets.size(); ++i) {
        const auto &before = code.targets[i - 1], &after = code.targets[i];
        must(before.kind < after.kind || lf::gpucode::name_before(before.name, after.name));
    }
    must(code.notes.size() <= lf::gpucode::Collector::kMostNotes + 3);
    for (const std::string& note : code.notes) {
        for (const char c : note) must(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    }
    for (const lf::gpucode::Target& target : code.targets) {
        (void)lf::gpucode::fit_cuda(target.kind, target.name, "8.6");
        (void)lf::gpucode::fit_hip(target.name, "gfx1100");
    }
}

/// A program that has these bytes as one section, and a wrapper that points to `into` of it.
void check_section(Bytes data, std::string_view name, std::string_view wrappers, std::uint32_t magic,
                   std::size_t into) {
    constexpr std::uint64_t kBase = 0x10000;
    std::vector<std::uint8_t> file(data.begin(), data.end());
    const std::uint64_t fields[] = {magic | std::uint64_t{1} << 32U, kBase + into, 0};
    const auto* words = reinterpret_cast<const std::uint8_t*>(fields);
    file.insert(file.end(), words, words + sizeof fields);
    lf::elf::Image image;
    image.file = file;
    image.machine = lf::elf::kEmX86_64;
    const auto add = [&](std::string_view section_name, std::size_t start, std::size_t size) {
        lf::elf::Section section;
        section.name = section_name;
        section.type = 1;
        section.flags = 2;
        section.address = kBase + start;
        section.offset = start;
        section.size = size;
        section.bytes = Bytes(file).subspan(start, size);
        image.sections.push_back(section);
    };
    if (!name.empty()) {
        add(name, 0, data.size());
        add(wrappers, data.size(), sizeof fields);
    }
    lf::elf::Segment segment;
    segment.type = 1;
    segment.address = kBase;
    segment.file_size = segment.memory_size = file.size();
    segment.bytes = file;
    image.segments.push_back(segment);
    check(lf::gpucode::gpu_code(image), file.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Bytes bytes(data + 2, size - 2);
    if (const auto code = lf::gpucode::gpu_code_of_file(bytes, "file")) {
        check(*code, bytes.size());
    } else {
        must(code.error().id == "gpucode-unknown");
    }
    if (const auto image = lf::elf::parse(bytes, "file")) check(lf::gpucode::gpu_code(*image), bytes.size());
    struct Place {
        std::string_view section, wrappers;
        std::uint32_t magic;
    };
    constexpr Place kPlaces[] = {{".nv_fatbin", ".nvFatBinSegment", lf::gpucode::kCudaWrapper},
                                 {".hip_fatbin", ".hipFatBinSegment", lf::gpucode::kHipWrapper},
                                 {".llvm.offloading", "none", 0},
                                 {".rodata", ".nvFatBinSegment", lf::gpucode::kCudaWrapper},
                                 {".rodata", ".hipFatBinSegment", lf::gpucode::kHipWrapper},
                                 {"", "", 0}};
    const Place& place = kPlaces[data[0] % (sizeof kPlaces / sizeof *kPlaces)];
    check_section(bytes, place.section, place.wrappers, place.magic, data[1] * std::size_t{8});
    return 0;
}
