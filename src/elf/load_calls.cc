// SPDX-License-Identifier: MIT
// What runs before anybody asked for it. glibc's order (elf/dl-reloc.c, elf/dl-init.c, csu/libc-start.c): resolvers
// while relocating, then DT_PREINIT_ARRAY, DT_INIT, DT_INIT_ARRAY, the entry, and at the end DT_FINI_ARRAY, DT_FINI.
#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "elf/parts.h"

namespace lf::elf {
namespace {

using Kind = LoadCall::Kind;

struct Array {
    std::uint64_t address = 0, size = 0;
};

struct ArrayTags {
    Kind kind;
    std::uint64_t address_tag, size_tag;
    std::uint32_t section_type;
};

constexpr ArrayTags kPreinit{Kind::preinit_array, DT_PREINIT_ARRAY, DT_PREINIT_ARRAYSZ, SHT_PREINIT_ARRAY};
constexpr ArrayTags kInit{Kind::init_array, DT_INIT_ARRAY, DT_INIT_ARRAYSZ, SHT_INIT_ARRAY};
constexpr ArrayTags kFini{Kind::fini_array, DT_FINI_ARRAY, DT_FINI_ARRAYSZ, SHT_FINI_ARRAY};

void add_call(Image& image, Kind kind, std::uint64_t address) {
    const Section* section = image.section_at(address);
    if (section != nullptr && section->holds_code()) image.load_calls.push_back({kind, address});
}

/// The value of a pointer of the file once it is loaded: what a relocation writes there, else what is there.
class Pointers {
  public:
    explicit Pointers(const Image& image) : image_(image) {
        by_offset_.reserve(image.relocations.size());
        for (std::uint32_t i = 0; i < image.relocations.size(); ++i) by_offset_.emplace(image.relocations[i].offset, i);
    }
    std::optional<std::uint64_t> at(std::uint64_t address) const {
        if (const auto it = by_offset_.find(address); it != by_offset_.end()) {
            const Relocation& relocation = image_.relocations[it->second];
            const auto addend = static_cast<std::uint64_t>(relocation.addend);
            if (relocation.type == R_X86_64_RELATIVE) return addend;
            if (relocation.symbol >= image_.dynamic_symbols.size()) return std::nullopt;
            const Symbol& symbol = image_.dynamic_symbols[relocation.symbol];
            if (!symbol.defined()) return std::nullopt;  // of another library
            return symbol.value + (relocation.type == R_X86_64_64 ? addend : 0);
        }
        const auto here = image_.loaded(address, 8);
        return here ? read_at<std::uint64_t>(*here, 0) : std::nullopt;
    }

  private:
    const Image& image_;
    std::unordered_map<std::uint64_t, std::uint32_t> by_offset_;
};

/// A static program has no dynamic section: its start code walks the sections.
std::vector<Array> arrays_of(const Image& image, const Dynamic& dynamic, const ArrayTags& tags) {
    if (const auto address = dynamic.get(tags.address_tag)) return {{*address, dynamic.get_or(tags.size_tag, 0)}};
    std::vector<Array> out;
    if (!dynamic.entries.empty()) return out;
    for (const Section& section : image.sections)
        if (section.type == tags.section_type) out.push_back({section.address, section.size});
    return out;
}

void add_array(Image& image, const Dynamic& dynamic, const Pointers& pointers, const ArrayTags& tags) {
    for (const Array& array : arrays_of(image, dynamic, tags)) {
        const std::uint64_t count = std::min<std::uint64_t>(array.size, image.file.size()) / 8;
        std::vector<std::uint64_t> targets;
        targets.reserve(count);
        std::uint64_t lost = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto target = pointers.at(array.address + i * 8);
            if (!target) ++lost;
            // Old start files put 0 and -1 at the ends of such lists.
            else if (*target != 0 && *target != ~std::uint64_t{0}) targets.push_back(*target);
        }
        if (tags.kind == Kind::fini_array) std::reverse(targets.begin(), targets.end());
        for (const std::uint64_t target : targets) add_call(image, tags.kind, target);
        if (lost != 0) note(image, fmt::format("{} constructors or destructors cannot be told", lost));
    }
}

/// DT_INIT, or the section of that name of a static program.
void add_single(Image& image, const Dynamic& dynamic, Kind kind, std::uint64_t tag, std::string_view section_name) {
    if (const auto address = dynamic.get(tag)) return add_call(image, kind, *address);
    if (!dynamic.entries.empty() || image.type == kEtRel) return;
    if (const Section* section = image.find(section_name)) add_call(image, kind, section->address);
}

void add_resolvers(Image& image) {
    for (const Relocation& relocation : image.relocations)
        if (relocation.type == R_X86_64_IRELATIVE)
            add_call(image, Kind::ifunc_resolver, static_cast<std::uint64_t>(relocation.addend));
    for (const Symbol& symbol : image.dynamic_symbols)
        if (symbol.type == SymbolType::ifunc && symbol.defined()) add_call(image, Kind::ifunc_resolver, symbol.value);
}

/// The same resolver once: two names of one function, or a name and a relocation.
void drop_repeated_resolvers(Image& image) {
    std::unordered_map<std::uint64_t, bool> seen;
    std::erase_if(image.load_calls, [&](const LoadCall& call) {
        return call.kind == Kind::ifunc_resolver && !seen.emplace(call.address, true).second;
    });
}

}  // namespace

void read_load_calls(Image& image, const Dynamic& dynamic) {
    if (image.type != kEtExec && image.type != kEtDyn) return;
    if (image.machine == kEmX86_64) add_resolvers(image);
    drop_repeated_resolvers(image);
    const Pointers pointers(image);
    if (image.executable) add_array(image, dynamic, pointers, kPreinit);
    add_single(image, dynamic, Kind::init, DT_INIT, ".init");
    add_array(image, dynamic, pointers, kInit);
    if (image.executable) add_call(image, Kind::entry, image.entry);
    add_array(image, dynamic, pointers, kFini);
    add_single(image, dynamic, Kind::fini, DT_FINI, ".fini");
    if (image.executable && dynamic.entries.empty() && image.find(".text") == nullptr)
        note(image, "a static program without section headers: its constructors cannot be told");
}

}  // namespace lf::elf
