// SPDX-License-Identifier: MIT
// Code cut into functions.
//
// Where .eh_frame speaks, it is right: in 23 large libraries every byte of its ranges decodes, while a sweep over the
// same .text runs into tables and invents instruction sets. Hand-written code has often no frames; there symbols tell.
// What is left is taken in one piece and marked as a guess. Ranges that lie over one another (cold parts, aliases,
// hostile files) are cut where the next one begins, so that the work stays linear and each byte is of one function.
#include <elf.h>

#include <algorithm>

#include "elf/eh_frame.h"
#include "elf/padding.h"
#include "elf/parts.h"

namespace lf::elf {
namespace {

/// A name that begins at an address, the best one first.
struct Name {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    int rank = 0;
    bool data = false;
    std::string_view name;
};

int rank_of(const Symbol& symbol) {
    const bool typed = symbol.type == SymbolType::function || symbol.type == SymbolType::ifunc;
    const int binding = symbol.binding == 1 ? 0 : symbol.binding == 2 ? 1 : 2;
    return (typed ? 0 : 8) + (symbol.exported() ? 0 : 4) + binding;
}

/// Names of places in code: functions, and labels of hand-written code that have no type; data only as a border.
bool may_name_code(const Symbol& symbol) {
    if (!symbol.defined() || symbol.section >= SHN_LORESERVE) return symbol.section == SHN_XINDEX;
    switch (symbol.type) {
        case SymbolType::function:
        case SymbolType::ifunc:
        case SymbolType::object: return true;
        case SymbolType::none: return !symbol.name.empty() && !symbol.name.starts_with(".L");
        default: return false;
    }
}

std::vector<Name> names_of(const Image& image) {
    std::vector<Name> names;
    names.reserve(image.symbols.size() + image.dynamic_symbols.size());
    for (const auto* table : {&image.dynamic_symbols, &image.symbols})
        for (const Symbol& symbol : *table)
            if (may_name_code(symbol))
                names.push_back(
                    {symbol.value, symbol.size, rank_of(symbol), symbol.type == SymbolType::object, symbol.name});
    // Ties are decided by the name: the order of a table says nothing.
    std::sort(names.begin(), names.end(), [](const Name& a, const Name& b) {
        if (a.address != b.address) return a.address < b.address;
        return a.rank != b.rank ? a.rank < b.rank : a.name < b.name;
    });
    return names;
}

/// The code of a section, up to where the next section begins: hostile files lay sections over one another, and
/// section_at gives such a place to the one that begins last.
struct Part {
    const Section* section = nullptr;
    std::uint64_t end = 0;
};

std::vector<Part> code_parts(const Image& image) {
    std::vector<Part> out;
    out.reserve(image.by_address.size());
    for (std::size_t i = 0; i < image.by_address.size(); ++i) {
        const Section& section = image.sections[image.by_address[i]];
        std::uint64_t end = section.address + section.bytes.size();
        if (i + 1 < image.by_address.size()) end = std::min(end, image.sections[image.by_address[i + 1]].address);
        if (section.holds_code() && section.address < end) out.push_back({&section, end});
    }
    return out;
}

class Cutter {
  public:
    explicit Cutter(const Image& image) : names_(names_of(image)), frames_(frames(image).frames) {
        std::sort(frames_.begin(), frames_.end(), [](const Frame& a, const Frame& b) {
            return a.start != b.start ? a.start < b.start : a.end < b.end;
        });
        starts_.reserve(image.load_calls.size());
        for (const LoadCall& call : image.load_calls) starts_.push_back(call.address);
        std::sort(starts_.begin(), starts_.end());
    }

    void cut(const Part& part) {
        const std::uint64_t start = part.section->address, end = part.end;
        section_ = part.section;
        reach_ = 0;
        std::uint64_t done = start;
        auto next = std::lower_bound(frames_.begin(), frames_.end(), start,
                                     [](const Frame& f, std::uint64_t address) { return f.start < address; });
        while (next != frames_.end() && next->start < end) {
            const std::uint64_t from = next->start;
            if (from > done) fill(done, from);
            std::uint64_t reach = std::max(reach_, next->end);
            for (++next; next != frames_.end() && next->start == from; ++next) reach = std::max(reach, next->end);
            reach_ = std::min(reach, end);
            done = next != frames_.end() ? std::min(reach_, std::max(next->start, from)) : reach_;
            add(from, done, RangeSource::eh_frame);
        }
        if (done < end) fill(done, end);
    }

    std::vector<Function> take() { return std::move(out_); }

  private:
    Bytes bytes(std::uint64_t from, std::uint64_t to) const {
        return *part(section_->bytes, from - section_->address, to - from);
    }

    void add(std::uint64_t from, std::uint64_t to, RangeSource source) {
        const auto it = first_name(from);
        const bool named = it != names_.end() && it->address == from && !it->data;
        out_.push_back({from, to, source, named ? it->name : std::string_view{}});
    }

    std::vector<Name>::const_iterator first_name(std::uint64_t address) const {
        return std::lower_bound(names_.begin(), names_.end(), address,
                                [](const Name& n, std::uint64_t a) { return n.address < a; });
    }

    /// A gap between frames: what symbols say, and the rest.
    void fill(std::uint64_t from, std::uint64_t to) {
        std::uint64_t done = from;
        for (auto it = first_name(from); it != names_.end() && it->address < to;) {
            const std::uint64_t start = it->address;
            const bool data = it->data;
            std::uint64_t size = it->size;
            while (it != names_.end() && it->address == start) size = std::max(size, it++->size);
            if (data || start < done) continue;
            const std::uint64_t next = it != names_.end() ? std::min(it->address, to) : to;
            const std::uint64_t end = size != 0 ? std::min(next, size < next - start ? start + size : next) : next;
            sweep(done, start);
            // The padding behind a label without a size is no part of it.
            add(start, size != 0 ? end : start + without_padding_behind(bytes(start, end)), RangeSource::symbol);
            done = end;
        }
        sweep(done, to);
    }

    /// Where the loader begins to run, an instruction begins: what lies before it need not be code at all, such as the
    /// headers of a file without section headers.
    void sweep(std::uint64_t from, std::uint64_t to) {
        for (auto start = std::upper_bound(starts_.begin(), starts_.end(), from); start != starts_.end() && *start < to;
             ++start) {
            sweep_piece(from, *start);
            from = *start;
        }
        sweep_piece(from, to);
    }

    void sweep_piece(std::uint64_t from, std::uint64_t to) {
        from += padding_before(bytes(from, to));
        if (from >= to) return;
        const std::uint64_t end = from + without_padding_behind(bytes(from, to));
        if (from < end) add(from, end, RangeSource::sweep);
    }

    std::vector<Name> names_;
    std::vector<Frame> frames_;
    std::vector<std::uint64_t> starts_;  ///< what the loader calls, sorted
    std::vector<Function> out_;
    const Section* section_ = nullptr;
    std::uint64_t reach_ = 0;  ///< how far the frames that have begun go
};

}  // namespace

std::vector<Function> functions(const Image& image) {
    Cutter cutter(image);
    for (const Part& part : code_parts(image)) cutter.cut(part);
    return cutter.take();
}

}  // namespace lf::elf
