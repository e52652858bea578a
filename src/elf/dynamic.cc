// SPDX-License-Identifier: MIT
// The dynamic section: what the loader reads. It is found through PT_DYNAMIC, as the loader does, so that a file whose
// section headers are gone or lie tells the same.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "elf/parts.h"

namespace lf::elf {
namespace {

/// Tags that occur once each, and a needed library for each of some hundred: more is no real file.
constexpr std::size_t kMostDynamic = 65536;

Bytes dynamic_bytes(const Image& image) {
    for (const Segment& segment : image.segments)
        if (segment.type == PT_DYNAMIC) return segment.bytes;
    // A .debug file keeps the header of .dynamic without its bytes; a relocatable file has none.
    for (const Section& section : image.sections)
        if (section.type == SHT_DYNAMIC) return section.bytes;
    return {};
}

}  // namespace

std::optional<std::uint64_t> Dynamic::get(std::uint64_t tag) const {
    for (const auto& [t, value] : entries)
        if (t == tag) return value;
    return std::nullopt;
}

Dynamic read_dynamic(const Image& image) {
    Dynamic out;
    const Bytes bytes = dynamic_bytes(image);
    for (std::uint64_t at = 0; out.entries.size() < kMostDynamic; at += sizeof(Elf64_Dyn)) {
        const auto entry = read_at<Elf64_Dyn>(bytes, at);
        if (!entry || entry->d_tag == DT_NULL) break;
        out.entries.emplace_back(static_cast<std::uint64_t>(entry->d_tag), entry->d_un.d_val);
    }
    return out;
}

void read_dynamic_names(Image& image, const Dynamic& dynamic) {
    const Bytes strings = loaded_up_to(image, dynamic.get_or(DT_STRTAB, 0), dynamic.get_or(DT_STRSZ, 0));
    for (const auto& [tag, value] : dynamic.entries) {
        if (tag == DT_NEEDED) {
            const std::string_view needed = name_at(strings, value);
            if (needed.empty()) note(image, "a needed library's name cannot be read");
            else image.needed.push_back(needed);
        } else if (tag == DT_SONAME) {
            image.soname = name_at(strings, value);
        } else if (tag == DT_RUNPATH || (tag == DT_RPATH && image.run_path.empty())) {
            image.run_path = name_at(strings, value);  // DT_RUNPATH wins over DT_RPATH, as for the loader
        }
    }
    for (const Segment& segment : image.segments)
        if (segment.type == PT_INTERP) image.interpreter = name_at(segment.bytes, 0);
    // Before binutils 2.26 a PIE was not marked. libc.so.6 has an interpreter too, and a name of its own.
    const bool marked = (dynamic.get_or(DT_FLAGS_1, 0) & DF_1_PIE) != 0;
    image.executable = image.entry != 0 &&
                       (image.type == kEtExec ||
                        (image.type == kEtDyn && (marked || (!image.interpreter.empty() && image.soname.empty()))));
}

}  // namespace lf::elf
