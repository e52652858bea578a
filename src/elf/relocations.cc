// SPDX-License-Identifier: MIT
// What the loader writes into the loaded file: DT_RELR, DT_RELA, DT_JMPREL, in the order in which glibc does them.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "elf/parts.h"

namespace lf::elf {
namespace {

void add_rela(Image& image, Bytes table, std::uint64_t base = 0) {
    image.relocations.reserve(image.relocations.size() + table.size() / sizeof(Elf64_Rela));
    for (std::uint64_t at = 0; at + sizeof(Elf64_Rela) <= table.size(); at += sizeof(Elf64_Rela)) {
        const auto raw = *read_at<Elf64_Rela>(table, at);
        image.relocations.push_back({base + raw.r_offset, static_cast<std::uint32_t>(ELF64_R_TYPE(raw.r_info)),
                                     static_cast<std::uint32_t>(ELF64_R_SYM(raw.r_info)), raw.r_addend});
    }
}

/// The addend of a packed relocation is what the file holds at its place.
bool add_relative(Image& image, std::uint64_t address) {
    const auto here = image.loaded(address, 8);
    if (!here) return false;
    image.relocations.push_back({address, R_X86_64_RELATIVE, 0, *read_at<std::int64_t>(*here, 0)});
    return true;
}

/// DT_RELR: an even word is an address to relocate, an odd one a bitmap of the 63 words after the last.
/// A bitmap makes 63 relocations of 8 bytes, so that the number is bounded by the words of the file, which real
/// targets are.
void add_relr(Image& image, Bytes table) {
    const std::size_t most = image.relocations.size() + image.file.size() / 8;
    std::uint64_t base = 0, lost = 0;
    for (std::uint64_t at = 0; at + 8 <= table.size() && image.relocations.size() < most && lost < most; at += 8) {
        const std::uint64_t word = *read_at<std::uint64_t>(table, at);
        if ((word & 1) == 0) {
            if (!add_relative(image, word)) ++lost;
            base = word + 8;
            continue;
        }
        for (std::uint64_t bit = 0; bit < 63; ++bit)
            if ((word >> (bit + 1) & 1) != 0 && !add_relative(image, base + bit * 8)) ++lost;
        base += 63 * std::uint64_t{8};
    }
    if (lost != 0) note(image, fmt::format("{} packed relocations lie outside of what the file holds", lost));
}

void add_table(Image& image, std::uint64_t address, std::uint64_t size, const char* what) {
    if (size == 0) return;
    const auto bytes = image.loaded(address, size);
    if (bytes) add_rela(image, *bytes);
    else note(image, fmt::format("the relocations of {} do not lie within the file", what));
}

/// A static program has no dynamic section; its own start code walks .rela.plt. In a relocatable file each section of
/// code has one of its own.
void add_sections(Image& image) {
    for (const Section& section : image.sections) {
        if (section.type != SHT_RELA || section.entry_size != sizeof(Elf64_Rela)) continue;
        if (image.type != kEtRel) {
            if ((section.flags & SHF_ALLOC) != 0) add_rela(image, section.bytes);
        } else if (section.info < image.sections.size() && image.sections[section.info].holds_code()) {
            add_rela(image, section.bytes, image.sections[section.info].address);
        }
    }
}

}  // namespace

void read_relocations(Image& image, const Dynamic& dynamic) {
    if (dynamic.entries.empty()) {
        add_sections(image);
        return;
    }
    const std::uint64_t rela = dynamic.get_or(DT_RELA, 0), rela_size = dynamic.get_or(DT_RELASZ, 0);
    const std::uint64_t plt = dynamic.get_or(DT_JMPREL, 0), plt_size = dynamic.get_or(DT_PLTRELSZ, 0);
    if (const std::uint64_t size = dynamic.get_or(DT_RELRSZ, 0); size != 0) {
        if (const auto bytes = image.loaded(dynamic.get_or(DT_RELR, 0), size)) add_relr(image, *bytes);
        else note(image, "the relocations of DT_RELR do not lie within the file");
    }
    add_table(image, rela, rela_size, "DT_RELA");
    // Some linkers count those of the PLT in DT_RELA too: each is wanted once.
    const bool within = plt >= rela && plt - rela < rela_size && plt_size <= rela_size - (plt - rela);
    if (!within) add_table(image, plt, plt_size, "DT_JMPREL");
}

}  // namespace lf::elf
