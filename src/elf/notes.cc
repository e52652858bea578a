// SPDX-License-Identifier: MIT
// Notes: the build id and the GNU properties; and the name of a separate debug file, which is a section of its own.
#include <elf.h>
#include <fmt/format.h>

#include "elf/parts.h"

namespace lf::elf {
namespace {

/// x86-64 psABI, "Program Property": the ISA levels that a program wants of its CPU. glibc 2.36's <elf.h> has it too.
constexpr std::uint32_t kIsaNeeded = 0xc0008002;

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

void read_properties(Image& image, Bytes bytes) {
    for (std::uint64_t at = 0; at + 8 <= bytes.size();) {
        const auto type = *read_at<std::uint32_t>(bytes, at), size = *read_at<std::uint32_t>(bytes, at + 4);
        if (type == kIsaNeeded && size == 4)
            if (const auto bits = read_at<std::uint32_t>(bytes, at + 8)) image.isa_needed = *bits;
        at += 8 + round_up(size, 8);
    }
}

void read_build_id(Image& image, Bytes bytes) {
    constexpr std::size_t kLongestId = 64;  // 20 bytes of SHA-1 are usual, 8 and 32 occur
    if (!image.build_id.empty() || bytes.size() > kLongestId) return;
    for (const std::uint8_t byte : bytes) image.build_id += fmt::format("{:02x}", byte);
}

/// Notes of one table. `alignment`: 8 for those of GNU properties, else 4.
void read_table(Image& image, Bytes bytes, std::uint64_t alignment) {
    for (std::uint64_t at = 0; at < bytes.size();) {
        const auto header = read_at<Elf64_Nhdr>(bytes, at);
        if (!header) return;
        const std::uint64_t name_at = at + sizeof(Elf64_Nhdr);
        const std::uint64_t data_at = round_up(name_at + header->n_namesz, alignment);
        const auto name = part(bytes, name_at, header->n_namesz), data = part(bytes, data_at, header->n_descsz);
        if (!name || !data) {
            note(image, "a note does not lie within its table");
            return;
        }
        if (name->size() == 4 && std::equal(name->begin(), name->end(), "GNU")) {
            if (header->n_type == NT_GNU_BUILD_ID) read_build_id(image, *data);
            if (header->n_type == NT_GNU_PROPERTY_TYPE_0) read_properties(image, *data);
        }
        at = round_up(data_at + header->n_descsz, alignment);
    }
}

}  // namespace

void read_notes(Image& image) {
    for (const Section& section : image.sections) {
        if (section.type == SHT_NOTE) read_table(image, section.bytes, section.alignment == 8 ? 8 : 4);
        if (section.name == ".gnu_debuglink") image.debug_link = elf::name_at(section.bytes, 0);
    }
    if (!image.build_id.empty() || image.type == kEtCore) return;
    // PT_NOTE joins notes of either alignment where a linker lays them side by side; p_align is that of the first.
    for (const Segment& segment : image.segments)
        if (segment.type == PT_NOTE) read_table(image, segment.bytes, segment.alignment == 8 ? 8 : 4);
}

}  // namespace lf::elf
