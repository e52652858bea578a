// SPDX-License-Identifier: MIT
#include "gpucode/wrappers.h"

#include <algorithm>
#include <map>

namespace lf::gpucode {

namespace {

constexpr std::uint64_t kWrapperSize = 24, kMostWrappers = 1U << 20U;
constexpr std::uint32_t kRelativeX86 = 8, kRelativeAarch64 = 1027, kPtLoad = 1;  // R_*_RELATIVE, PT_LOAD

/// What the loader writes into a section: address → value.
std::map<std::uint64_t, std::uint64_t> relocated(const elf::Image& image, const elf::Section& section) {
    std::map<std::uint64_t, std::uint64_t> values;
    const std::uint32_t relative = image.machine == elf::kEmAarch64 ? kRelativeAarch64 : kRelativeX86;
    for (const elf::Relocation& relocation : image.relocations) {
        // A DT_RELR entry has no addend: what it adds to stands in the file.
        if (relocation.type != relative || relocation.addend == 0) continue;
        if (relocation.offset < section.address || relocation.offset - section.address >= section.size) continue;
        if (values.size() < 2 * kMostWrappers)
            values[relocation.offset] = static_cast<std::uint64_t>(relocation.addend);
    }
    return values;
}

}  // namespace

std::optional<std::uint64_t> file_offset(const elf::Image& image, std::uint64_t address) {
    for (const elf::Segment& segment : image.segments) {
        if (segment.type != kPtLoad || address < segment.address) continue;
        const std::uint64_t into = address - segment.address;
        if (into < segment.file_size && into < segment.bytes.size()) return segment.offset + into;
    }
    return std::nullopt;
}

std::vector<std::uint64_t> wrapped(const elf::Image& image, const elf::Section& section, std::uint32_t magic) {
    std::vector<std::uint64_t> starts;
    const auto values = relocated(image, section);
    const std::uint64_t count = std::min<std::uint64_t>(section.bytes.size() / kWrapperSize, kMostWrappers);
    for (std::uint64_t index = 0; index < count; ++index) {
        const std::uint64_t at = index * kWrapperSize;
        if (elf::read_at<std::uint32_t>(section.bytes, at) != magic) continue;
        const auto value = values.find(section.address + at + 8);
        const std::uint64_t address =
            value != values.end() ? value->second : elf::read_at<std::uint64_t>(section.bytes, at + 8).value_or(0);
        if (address == 0) continue;  // an object file: the linker has not written it yet
        if (const auto offset = file_offset(image, address)) starts.push_back(*offset);
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    return starts;
}

}  // namespace lf::gpucode
