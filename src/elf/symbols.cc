// SPDX-License-Identifier: MIT
// Symbols: .symtab through the section headers, dynamic ones through what the loader uses.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "elf/parts.h"

namespace lf::elf {
namespace {

SymbolType type_of(unsigned char info) {
    switch (ELF64_ST_TYPE(info)) {
        case STT_NOTYPE: return SymbolType::none;
        case STT_OBJECT: return SymbolType::object;
        case STT_FUNC: return SymbolType::function;
        case STT_SECTION: return SymbolType::section;
        case STT_FILE: return SymbolType::file;
        case STT_TLS: return SymbolType::tls;
        case STT_GNU_IFUNC: return SymbolType::ifunc;
        default: return SymbolType::other;
    }
}

Symbol symbol_of(const Elf64_Sym& raw, Bytes strings, bool dynamic) {
    Symbol symbol;
    symbol.name = name_at(strings, raw.st_name);
    symbol.value = raw.st_value;
    symbol.size = raw.st_size;
    symbol.type = type_of(raw.st_info);
    symbol.binding = ELF64_ST_BIND(raw.st_info);
    symbol.visibility = ELF64_ST_VISIBILITY(raw.st_other);
    symbol.section = raw.st_shndx;
    symbol.dynamic = dynamic;
    return symbol;
}

std::vector<Symbol> symbols_of(Bytes table, Bytes strings, bool dynamic) {
    std::vector<Symbol> out;
    out.reserve(table.size() / sizeof(Elf64_Sym));
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.size(); at += sizeof(Elf64_Sym))
        out.push_back(symbol_of(*read_at<Elf64_Sym>(table, at), strings, dynamic));
    return out;
}

const Section* section_of_type(const Image& image, std::uint32_t type) {
    for (const Section& section : image.sections)
        if (section.type == type && !section.bytes.empty()) return &section;
    return nullptr;
}

Bytes strings_of(const Image& image, const Section& table) {
    return table.link < image.sections.size() ? image.sections[table.link].bytes : Bytes{};
}

/// In a relocatable file a value counts from the begin of its section. Those with more than 65,279 sections keep the
/// section's number beside the table.
void place_by_section(const Image& image, std::vector<Symbol>& symbols) {
    const Section* wide = section_of_type(image, SHT_SYMTAB_SHNDX);
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        std::uint32_t section = symbols[i].section;
        if (section == SHN_XINDEX && wide != nullptr)
            section = read_at<std::uint32_t>(wide->bytes, i * sizeof(std::uint32_t)).value_or(0);
        else if (section >= SHN_LORESERVE) continue;
        if (section != 0 && section < image.sections.size()) symbols[i].value += image.sections[section].address;
    }
}

/// DT_HASH says how many symbols there are. 0 = it does not.
std::uint64_t count_by_hash(const Image& image, const Dynamic& dynamic) {
    const auto address = dynamic.get(DT_HASH);
    return address ? read_at<std::uint32_t>(loaded_up_to(image, *address, 8), 4).value_or(0) : 0;
}

/// DT_GNU_HASH does not say it: the last chain ends with the last symbol.
std::uint64_t count_by_gnu_hash(const Image& image, const Dynamic& dynamic) {
    const auto address = dynamic.get(DT_GNU_HASH);
    if (!address) return 0;
    const Bytes table = loaded_up_to(image, *address, ~std::uint64_t{0});
    const auto buckets = read_at<std::uint32_t>(table, 0), first = read_at<std::uint32_t>(table, 4),
               words = read_at<std::uint32_t>(table, 8);
    if (!buckets || !first || !words) return 0;
    const std::uint64_t buckets_at = 16 + std::uint64_t{*words} * 8,
                        chains_at = buckets_at + std::uint64_t{*buckets} * 4;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < *buckets; ++i) {
        const auto head = read_at<std::uint32_t>(table, buckets_at + i * 4);
        if (!head) return 0;
        last = std::max<std::uint64_t>(last, *head);
    }
    if (last < *first) return *first;  // all buckets are empty: only symbols that are not hashed
    for (;; ++last) {
        const auto link = read_at<std::uint32_t>(table, chains_at + (last - *first) * 4);
        if (!link) return 0;
        if ((*link & 1) != 0) return last + 1;
    }
}

/// The number of dynamic symbols. Symbols that only relocations name need not be in a hash table.
std::uint64_t count_dynamic(const Image& image, const Dynamic& dynamic, std::uint64_t address) {
    if (const Section* section = section_of_type(image, SHT_DYNSYM); section != nullptr && section->address == address)
        return section->bytes.size() / sizeof(Elf64_Sym);
    std::uint64_t count = std::max(count_by_hash(image, dynamic), count_by_gnu_hash(image, dynamic));
    for (const Relocation& relocation : image.relocations)
        count = std::max<std::uint64_t>(count, std::uint64_t{relocation.symbol} + 1);
    // The names nearly always follow at once: a bound for what a damaged relocation claims.
    const std::uint64_t strings = dynamic.get_or(DT_STRTAB, 0);
    return strings > address ? std::min(count, (strings - address) / sizeof(Elf64_Sym)) : count;
}

}  // namespace

void read_symbols(Image& image, const Dynamic& dynamic) {
    if (const Section* table = section_of_type(image, SHT_SYMTAB)) {
        image.symbols = symbols_of(table->bytes, strings_of(image, *table), false);
        if (image.type == kEtRel) place_by_section(image, image.symbols);
    }
    const auto address = dynamic.get(DT_SYMTAB);
    if (!address) return;
    const Bytes strings = loaded_up_to(image, dynamic.get_or(DT_STRTAB, 0), dynamic.get_or(DT_STRSZ, 0));
    const std::uint64_t wanted = count_dynamic(image, dynamic, *address);
    const Bytes table =
        loaded_up_to(image, *address, std::min<std::uint64_t>(wanted, image.file.size()) * sizeof(Elf64_Sym));
    image.dynamic_symbols = symbols_of(table, strings, true);
    if (image.dynamic_symbols.size() < wanted)
        note(image, fmt::format("{} of {} dynamic symbols lie outside of the file",
                                wanted - image.dynamic_symbols.size(), wanted));
}

}  // namespace lf::elf
