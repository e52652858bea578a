// SPDX-License-Identifier: MIT
#include "elf/image.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>

#include "elf/parts.h"

namespace lf::elf {
namespace {

struct MachineName {
    std::uint16_t machine;
    const char* name;
};

/// By the names that uname, LLVM or the vendors use; numbers of the gABI.
constexpr MachineName kMachines[] = {
    {2, "sparc"},
    {kEm386, "i386"},
    {4, "m68k"},
    {8, "mips"},
    {20, "powerpc"},
    {21, "powerpc64"},
    {22, "s390x"},
    {40, "arm"},
    {42, "sh"},
    {43, "sparc64"},
    {50, "ia64"},
    {kEmX86_64, "x86-64"},
    {kEmAarch64, "aarch64"},
    {kEmCuda, "cuda"},
    {kEmAmdgpu, "amdgpu"},
    {kEmRiscv, "riscv"},
    {247, "bpf"},
    {258, "loongarch"},
    {0x9026, "alpha"},
};

}  // namespace

std::string machine_name(std::uint16_t machine) {
    for (const MachineName& row : kMachines)
        if (row.machine == machine) return row.name;
    return fmt::format("machine {}", machine);
}

const Section* Image::find(std::string_view name) const {
    const auto it = std::find_if(sections.begin(), sections.end(), [&](const Section& s) { return s.name == name; });
    return it == sections.end() ? nullptr : &*it;
}

const Section* Image::section_at(std::uint64_t address) const {
    const auto after = std::upper_bound(by_address.begin(), by_address.end(), address,
                                        [&](std::uint64_t a, std::uint32_t i) { return a < sections[i].address; });
    if (after == by_address.begin()) return nullptr;
    const Section& section = sections[*(after - 1)];
    return address - section.address < section.size ? &section : nullptr;
}

std::optional<Bytes> Image::loaded(std::uint64_t address, std::uint64_t size) const {
    const Bytes here = loaded_up_to(*this, address, size);
    if (here.size() < size) return std::nullopt;
    return here;
}

Bytes loaded_up_to(const Image& image, std::uint64_t address, std::uint64_t wanted) {
    const auto cut = [&](std::uint64_t start, Bytes bytes) {
        const std::uint64_t into = address - start;
        return bytes.subspan(static_cast<std::size_t>(into),
                             static_cast<std::size_t>(std::min<std::uint64_t>(wanted, bytes.size() - into)));
    };
    for (const Segment& segment : image.segments)
        if (segment.type == PT_LOAD && address >= segment.address && address - segment.address < segment.bytes.size())
            return cut(segment.address, segment.bytes);
    if (image.type != kEtRel) return {};
    const Section* section = image.section_at(address);
    if (section == nullptr || address - section->address >= section->bytes.size()) return {};
    return cut(section->address, section->bytes);
}

std::string_view name_at(Bytes strings, std::uint64_t offset) {
    if (offset >= strings.size()) return {};
    const Bytes rest = strings.subspan(static_cast<std::size_t>(offset));
    if (const auto text = text_at(rest.first(std::min(rest.size(), kLongestName)), 0)) return *text;
    // No zero within the limit: a name that is cut, or one that the end of its table cuts (then it is none).
    if (rest.size() < kLongestName) return {};
    return {reinterpret_cast<const char*>(rest.data()), kLongestName};
}

void note(Image& image, std::string what) {
    // A file whose tables are all damaged says so with a handful of notes, not with one for each of a million rows.
    constexpr std::size_t kMostNotes = 32;
    if (image.notes.size() < kMostNotes && std::find(image.notes.begin(), image.notes.end(), what) == image.notes.end())
        image.notes.push_back(std::move(what));
}

Result<Image> parse(Bytes file, const std::string& name) {
    LF_ASSIGN(Image image, read_headers(file, name));
    read_notes(image);
    if (image.type == kEtCore) return image;
    const Dynamic dynamic = read_dynamic(image);
    read_dynamic_names(image, dynamic);
    read_relocations(image, dynamic);
    read_symbols(image, dynamic);
    read_load_calls(image, dynamic);
    read_plt(image, dynamic);
    return image;
}

void add_debug_symbols(Image& image, const Image& debug) {
    if (!image.build_id.empty() && !debug.build_id.empty() && image.build_id != debug.build_id) {
        note(image, "the debug file is of another build: its build id differs; its symbols are not taken");
        return;
    }
    if (image.machine == debug.machine && image.symbols.empty()) image.symbols = debug.symbols;
}

}  // namespace lf::elf
