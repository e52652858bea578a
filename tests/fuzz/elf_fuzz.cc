// SPDX-License-Identifier: MIT
// ELF files from anywhere: either refused with one of five errors, or read so that every view lies inside of the file,
// and its code is cut into ranges that are sorted, apart from one another, and inside of executable sections.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "elf/eh_frame.h"
#include "elf/image.h"

namespace {

using lf::elf::Bytes;
using lf::elf::Image;

void must(bool holds) {
    if (!holds) std::abort();
}

struct Inside {
    Bytes file;
    void operator()(Bytes view) const {
        must(view.empty() || (view.data() >= file.data() && view.data() + view.size() <= file.data() + file.size()));
    }
    void operator()(std::string_view view) const {
        if (view == "LOAD") return;  // the one name that is ours
        (*this)(Bytes(reinterpret_cast<const std::uint8_t*>(view.data()), view.size()));
    }
};

void check_views(const Image& image) {
    const Inside inside{image.file};
    for (const auto& section : image.sections) inside(section.name), inside(section.bytes);
    for (const auto& segment : image.segments) inside(segment.bytes);
    for (const auto* table : {&image.symbols, &image.dynamic_symbols})
        for (const auto& symbol : *table) inside(symbol.name);
    for (const auto needed : image.needed) inside(needed);
    for (const auto& entry : image.plt) inside(entry.symbol);
    inside(image.soname), inside(image.interpreter), inside(image.run_path), inside(image.debug_link);
}

/// Nothing that is kept may be many times larger than the file.
void check_amounts(const Image& image) {
    const std::size_t size = image.file.size();
    must(image.sections.size() <= size / 56 && image.segments.size() <= size / 56);
    must(image.symbols.size() <= size / 24 && image.dynamic_symbols.size() <= size / 24);
    must(image.relocations.size() <= size / 4 && image.plt.size() <= size);
    must(image.notes.size() <= 40);
}

void check_functions(const Image& image) {
    std::uint64_t end = 0;
    for (const auto& function : lf::elf::functions(image)) {
        must(end <= function.start && function.start < function.end);
        const auto* section = image.section_at(function.start);
        must(section != nullptr && section->holds_code());
        must(function.end - section->address <= section->bytes.size());
        end = function.end;
    }
    must(lf::elf::frames(image).frames.size() <= image.file.size() / 6);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto image = lf::elf::parse({data, size}, "a.so");
    if (!image) {
        const std::string& id = image.error().id;
        must(id == "elf-not-elf" || id == "elf-32-bit" || id == "elf-big-endian" || id == "elf-truncated" ||
             id == "elf-malformed");
        return 0;
    }
    check_views(*image);
    check_amounts(*image);
    check_functions(*image);
    for (const auto& call : image->load_calls) must(image->section_at(call.address)->holds_code());
    for (const std::uint64_t address : {std::uint64_t{0}, image->entry, ~std::uint64_t{0}}) {
        const auto here = image->loaded(address, 8);
        must(!here || here->size() == 8);
    }
    return 0;
}
