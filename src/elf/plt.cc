// SPDX-License-Identifier: MIT
// PLT stubs: small pieces of code that jump through one slot of the GOT, which a relocation fills. Linkers lay them out
// differently (GNU ld with and without IBT, gold, lld, mold), but all jump with `jmp *slot(%rip)` (ff 25), with at
// most a few known bytes before it, so it is that jump that is looked for, and the relocation of its slot that proves
// it.
#include <elf.h>

#include <algorithm>
#include <unordered_map>

#include "elf/parts.h"

namespace lf::elf {
namespace {

using Slots = std::unordered_map<std::uint64_t, std::uint32_t>;  // address of a slot → its relocation

Slots slots_of(const Image& image) {
    Slots slots;
    for (std::uint32_t i = 0; i < image.relocations.size(); ++i) {
        const std::uint32_t type = image.relocations[i].type;
        if (type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_IRELATIVE)
            slots.emplace(image.relocations[i].offset, i);
    }
    return slots;
}

std::string_view symbol_of(const Image& image, const Relocation& relocation) {
    return relocation.symbol != 0 && relocation.symbol < image.dynamic_symbols.size()
               ? image.dynamic_symbols[relocation.symbol].name
               : std::string_view{};
}

bool ends_with(Bytes before, std::initializer_list<std::uint8_t> end) {
    return before.size() >= end.size() &&
           std::equal(end.begin(), end.end(), before.end() - static_cast<long>(end.size()));
}

/// How many bytes of the stub stand before its jump: `bnd`, mold's `mov $n, %r11d`, endbr64.
std::size_t before_jump(Bytes before) {
    std::size_t taken = 0;
    const auto rest = [&] { return before.first(before.size() - taken); };
    if (ends_with(rest(), {0xf2})) ++taken;
    if (const Bytes b = rest(); b.size() >= 6 && b[b.size() - 6] == 0x41 && b[b.size() - 5] == 0xbb) taken += 6;
    if (ends_with(rest(), {0xf3, 0x0f, 0x1e, 0xfa})) taken += 4;
    return taken;
}

void add_jumps(Image& image, const Section& section, const Slots& slots) {
    const Bytes code = section.bytes;
    for (std::size_t at = 0; at + 6 <= code.size(); ++at) {
        if (code[at] != 0xff || code[at + 1] != 0x25) continue;
        const auto distance = static_cast<std::int64_t>(*read_at<std::int32_t>(code, at + 2));
        const std::uint64_t slot = section.address + at + 6 + static_cast<std::uint64_t>(distance);
        const auto it = slots.find(slot);
        if (it == slots.end()) continue;
        const std::uint64_t start = section.address + at - before_jump(code.first(at));
        image.plt.push_back({start, slot, symbol_of(image, image.relocations[it->second])});
        at += 5;
    }
}

/// The lazy half of a PLT with IBT: `endbr64; push $n; bnd jmp PLT0`. Slots of DT_JMPREL point here until they are
/// bound; n counts its relocations.
void add_lazy(Image& image, const Section& section, std::size_t first, std::size_t count) {
    for (std::uint64_t at = 0; at + 16 <= section.bytes.size(); at += 16) {
        const Bytes stub = *part(section.bytes, at, 16);
        if (!ends_with(stub.first(4), {0xf3, 0x0f, 0x1e, 0xfa}) || stub[4] != 0x68) continue;
        const bool jumps = stub[9] == 0xe9 || (stub[9] == 0xf2 && stub[10] == 0xe9);
        const auto number = *read_at<std::uint32_t>(stub, 5);
        if (!jumps || number >= count) continue;
        const Relocation& relocation = image.relocations[first + number];
        image.plt.push_back({section.address + at, relocation.offset, symbol_of(image, relocation)});
    }
}

}  // namespace

void read_plt(Image& image, const Dynamic& dynamic) {
    if (image.machine != kEmX86_64) return;
    const Slots slots = slots_of(image);
    if (slots.empty()) return;
    const auto count = static_cast<std::size_t>(dynamic.get_or(DT_PLTRELSZ, 0) / sizeof(Elf64_Rela));
    // Those of DT_JMPREL come last, see read_relocations.
    const std::size_t first = count <= image.relocations.size() ? image.relocations.size() - count : 0;
    for (const Section& section : image.sections) {
        if (!section.holds_code()) continue;
        const bool whole_segment = section.name == "LOAD";
        if (!whole_segment && !section.name.starts_with(".plt") && section.name != ".iplt") continue;
        add_jumps(image, section, slots);
        if (first + count <= image.relocations.size()) add_lazy(image, section, first, count);
    }
    std::sort(image.plt.begin(), image.plt.end(),
              [](const PltEntry& a, const PltEntry& b) { return a.address < b.address; });
    const auto same = [](const PltEntry& a, const PltEntry& b) { return a.address == b.address; };
    image.plt.erase(std::unique(image.plt.begin(), image.plt.end(), same), image.plt.end());
}

}  // namespace lf::elf
