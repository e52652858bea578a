// SPDX-License-Identifier: MIT
#include "audit/code_scan.h"

#include <algorithm>
#include <array>

#include "x86/decode.h"
#include "x86/isa.h"

namespace lf::audit {
namespace {

constexpr std::uint32_t kExecutable = 1;  // PF_X

bool is_plt(std::string_view name) { return name.starts_with(".plt") || name == ".iplt"; }

/// Counts of one range: a row for each instruction set, found by its number.
class Counter {
  public:
    void add(x86::IsaId isa, std::uint64_t address) {
        for (IsaUse& use : uses_) {
            if (use.isa != isa) continue;
            ++use.count;
            return;
        }
        uses_.push_back({isa, 1, address});
    }
    std::vector<IsaUse> take() { return std::move(uses_); }

  private:
    std::vector<IsaUse> uses_;
};

std::optional<Reference::Kind> kind_of(const x86::Insn& insn) {
    switch (insn.flow) {
        case x86::Flow::call: return Reference::Kind::call;
        case x86::Flow::jump: return Reference::Kind::jump;
        case x86::Flow::conditional: return Reference::Kind::conditional;
        case x86::Flow::indirect_call: return Reference::Kind::call_slot;
        case x86::Flow::indirect_jump: return Reference::Kind::jump_slot;
        default: return Reference::Kind::data;
    }
}

bool ends_flow(x86::Flow flow) {
    return flow == x86::Flow::jump || flow == x86::Flow::indirect_jump || flow == x86::Flow::ret ||
           flow == x86::Flow::stop;
}

/// MOVABS: of the large code model only, where the number would fit into fewer bytes. 0 = none.
std::uint64_t far_address(const x86::Insn& insn, elf::Bytes code, const Addressing& how) {
    constexpr unsigned kLength = 10;
    if (insn.length != kLength || code.size() < kLength || (code[0] & 0xfeU) != 0x48 || (code[1] & 0xf8U) != 0xb8)
        return 0;
    const auto holds = [&](std::uint64_t at) { return at >= how.low && at < how.high; };
    const std::uint64_t number = elf::read_at<std::uint64_t>(code, 2).value_or(0);
    if (how.absolute && holds(number)) return number;
    return how.got != 0 && holds(how.got + number) ? how.got + number : 0;
}

/// Code that does not move holds addresses as numbers of four bytes, which stand last: of an operand, beside the place
/// of another (a pointer that is written), or of a table that is called through. 0 = none.
std::uint64_t near_address(const x86::Insn& insn, std::uint64_t address, elf::Bytes code) {
    const bool direct =
        insn.flow == x86::Flow::call || insn.flow == x86::Flow::jump || insn.flow == x86::Flow::conditional;
    if (direct || insn.length < 5) return 0;
    const auto last = elf::read_at<std::uint32_t>(code, insn.length - 4U);
    if (!last || *last < 0x10000) return 0;
    const auto distance = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(*last)});
    return address + insn.length + distance == insn.target ? 0 : *last;
}

/// LEA: of all that name a place, the only one that hands its address on; others read or write what stands there.
bool loads_address(elf::Bytes code) {
    constexpr std::array<std::uint8_t, 10> kPrefixes = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf2, 0xf3};
    std::size_t at = 0;
    while (at < code.size() && std::find(kPrefixes.begin(), kPrefixes.end(), code[at]) != kPrefixes.end()) ++at;
    if (at < code.size() && code[at] == 0xd5) at += 2;  // REX2
    else if (at < code.size() && (code[at] & 0xf0U) == 0x40) ++at;
    return at < code.size() && code[at] == 0x8d;
}

void note_reference(CodeRange& range, const x86::Insn& insn, std::uint64_t address, elf::Bytes code,
                    const CodeBytes& all, const Addressing& how) {
    const auto from = static_cast<std::uint32_t>(address - range.start);
    const auto kind = kind_of(insn);
    if (insn.target != 0) {
        const bool within = insn.target >= range.start && insn.target < range.end;
        // Constants among the code are read; that leads nowhere.
        const bool constant = kind == Reference::Kind::data && all.at(insn.target) != nullptr && !loads_address(code);
        if (!constant && (!within || kind == Reference::Kind::call))
            range.references.push_back({insn.target, from, *kind});
    }
    if (const std::uint64_t far = far_address(insn, code, how); far != 0)
        range.references.push_back({far, from, Reference::Kind::data});
    else if (const std::uint64_t near = how.absolute ? near_address(insn, address, code) : 0; near != 0)
        range.references.push_back({near, from, Reference::Kind::data});
}

void note_flow(CodeRange& range, const x86::Insn& insn, elf::Bytes code) {
    range.asks_cpu = range.asks_cpu || insn.asks_cpu;
    range.returns = range.returns || insn.flow == x86::Flow::ret;
    range.jumps_indirectly = range.jumps_indirectly || (insn.flow == x86::Flow::indirect_jump && insn.target == 0);
    if (!is_padding(code.subspan(0, insn.length)))
        range.falls_through = !ends_flow(insn.flow) && insn.flow != x86::Flow::call;
}

std::uint64_t& kind_of_bytes(ByteTable& bytes, elf::RangeSource source) {
    if (source == elf::RangeSource::eh_frame) return bytes.eh_frame;
    return source == elf::RangeSource::symbol ? bytes.symbol : bytes.sweep;
}

void by_count(std::vector<IsaUse>& uses) {
    std::stable_sort(uses.begin(), uses.end(), [](const IsaUse& a, const IsaUse& b) { return a.count > b.count; });
}

// What of [start, end) no function holds is padding; stubs are stubs.
void count_gaps(const CodeBytes& code, const std::vector<CodeRange>& ranges, ByteTable& bytes) {
    for (const CodeBytes::Region& region : code.regions()) {
        bytes.total += region.bytes.size();
        if (region.plt) bytes.plt += region.bytes.size();
    }
    std::uint64_t held = bytes.eh_frame + bytes.symbol + bytes.sweep + bytes.unknown + bytes.plt;
    bytes.padding = bytes.total - std::min(held, bytes.total);
    (void)ranges;
}

}  // namespace

void add_uses(std::vector<IsaUse>& to, const std::vector<IsaUse>& from) {
    for (const IsaUse& use : from) {
        const auto same = std::find_if(to.begin(), to.end(), [&](const IsaUse& t) { return t.isa == use.isa; });
        if (same == to.end()) {
            to.push_back(use);
            continue;
        }
        same->count += use.count;
        same->first = std::min(same->first, use.first);
    }
}

bool is_padding(elf::Bytes instruction) {
    std::size_t at = 0;
    while (at < instruction.size() && (instruction[at] == 0x66 || instruction[at] == 0x2e)) ++at;
    const elf::Bytes rest = instruction.subspan(at);
    if (rest.size() == 1) return rest[0] == 0x90 || rest[0] == 0xcc;
    if (rest.size() == 2 && rest[0] == 0 && rest[1] == 0) return true;
    return rest.size() >= 3 && rest[0] == 0x0f && rest[1] == 0x1f;
}

bool is_ud2(elf::Bytes instruction) {
    return instruction.size() == 2 && instruction[0] == 0x0f && instruction[1] == 0x0b;
}

bool CodeRange::interesting() const {
    return std::any_of(uses.begin(), uses.end(), [](const IsaUse& use) { return x86::can_fault(use.isa); });
}

CodeBytes::CodeBytes(const elf::Image& image) {
    std::vector<Region> found;
    found.reserve(image.sections.size() + image.segments.size());
    for (const elf::Section& s : image.sections)
        if (s.holds_code() && !s.bytes.empty()) found.push_back({s.address, s.bytes, is_plt(s.name)});
    if (found.empty())
        for (const elf::Segment& s : image.segments)
            if (s.type == 1 && (s.flags & kExecutable) != 0 && !s.bytes.empty())
                found.push_back({s.address, s.bytes, false});
    std::stable_sort(found.begin(), found.end(), [](const Region& a, const Region& b) { return a.start < b.start; });
    for (const Region& region : found) {  // a hostile file may lay them over one another, or over the end of numbers
        if (region.start + region.bytes.size() < region.start) continue;
        if (!regions_.empty() && region.start < regions_.back().end()) continue;
        regions_.push_back(region);
    }
}

const CodeBytes::Region* CodeBytes::at(std::uint64_t address) const {
    auto after = std::upper_bound(regions_.begin(), regions_.end(), address,
                                  [](std::uint64_t a, const Region& r) { return a < r.start; });
    if (after == regions_.begin()) return nullptr;
    --after;
    return address < after->end() ? &*after : nullptr;
}

elf::Bytes CodeBytes::from(std::uint64_t address, std::uint64_t size) const {
    const Region* region = at(address);
    if (region == nullptr) return {};
    const std::uint64_t offset = address - region->start;
    return region->bytes.subspan(offset, std::min<std::uint64_t>(size, region->bytes.size() - offset));
}

void scan_range(const CodeBytes& code, CodeRange& range, FunctionUse* use, ByteTable* bytes, const Addressing& how) {
    const elf::Bytes all = code.from(range.start, range.end - range.start);
    range.end = range.start + all.size();
    Counter counter;
    std::uint64_t unknown = 0, instructions = 0, bad_runs = 0, first_bad = 0;
    bool in_bad = false;
    for (std::size_t at = 0; at < all.size();) {
        const std::uint64_t address = range.start + at;
        const elf::Bytes rest = all.subspan(at);
        const x86::Insn insn = x86::decode(rest, address);
        if (insn.length == 0) {
            if (!in_bad && bad_runs++ == 0) first_bad = address;
            if (!in_bad) counter.add(x86::kUnknownIsa, address);
            in_bad = true;
            ++unknown;
            ++at;
            continue;
        }
        in_bad = false;
        ++instructions;
        counter.add(insn.isa, address);
        note_reference(range, insn, address, rest, code, how);
        note_flow(range, insn, rest);
        at += insn.length;
    }
    range.uses = counter.take();
    by_count(range.uses);
    if (use != nullptr) {
        use->instructions = instructions;
        use->undecodable = bad_runs;
        use->first_undecodable = first_bad;
        use->uses = range.uses;
    }
    if (bytes != nullptr && use != nullptr) {
        bytes->unknown += unknown;
        kind_of_bytes(*bytes, use->range.source) += all.size() - unknown;
    }
}

namespace {

/// Where the GOT begins that code counts from: DT_PLTGOT; where there is none, ld puts its three words of .got.plt last
/// into what is read-only once the file is loaded.
std::uint64_t got_of(const elf::Image& image) {
    constexpr std::uint32_t kDynamic = 2, kRelro = 0x6474e552;  // PT_DYNAMIC, PT_GNU_RELRO
    constexpr std::uint64_t kPltGot = 3, kEntry = 16, kReserved = 24;
    for (const std::string_view name : {".got.plt", ".got"})
        if (const elf::Section* section = image.find(name); section != nullptr) return section->address;
    std::uint64_t out = 0;
    for (const elf::Segment& s : image.segments) {
        if (s.type == kRelro && out == 0 && s.memory_size > kReserved) out = s.address + s.memory_size - kReserved;
        if (s.type != kDynamic) continue;
        for (std::uint64_t at = 0; at + kEntry <= s.bytes.size(); at += kEntry)
            if (elf::read_at<std::uint64_t>(s.bytes, at) == kPltGot)
                return elf::read_at<std::uint64_t>(s.bytes, at + 8).value_or(0);
    }
    return out;
}

}  // namespace

Addressing addressing_of(const elf::Image& image) {
    constexpr std::uint32_t kLoad = 1;  // PT_LOAD
    Addressing out;
    out.absolute = image.type == elf::kEtExec;
    out.low = ~std::uint64_t{0};
    for (const elf::Segment& s : image.segments) {
        if (s.type != kLoad) continue;
        out.low = std::min(out.low, s.address);
        out.high = std::max(out.high, s.address + s.memory_size);
    }
    out.got = got_of(image);
    return out;
}

std::vector<CodeRange> scan(const elf::Image& image, const CodeBytes& code, Program& program) {
    const Addressing how = addressing_of(image);
    std::vector<CodeRange> out;
    const std::vector<elf::Function> functions = elf::functions(image);
    out.reserve(functions.size());
    program.functions.reserve(functions.size());
    std::uint64_t done = 0;  // ranges are sorted and do not overlap; if they did, no byte is counted twice
    for (const elf::Function& function : functions) {
        const CodeBytes::Region* region = code.at(function.start);
        if (region == nullptr || region->plt || function.start < done || function.end <= function.start) continue;
        CodeRange range;
        range.start = function.start;
        range.end = std::min(function.end, region->end());
        range.function = static_cast<std::uint32_t>(program.functions.size());
        done = range.end;
        program.functions.push_back({function, 0, 0, 0, {}});
        FunctionUse& use = program.functions.back();
        use.range.end = range.end;
        scan_range(code, range, &use, &program.bytes, how);
        const bool sweep = function.source == elf::RangeSource::sweep;
        add_uses(sweep ? program.sweep_uses : program.uses, use.uses);
        program.instructions += use.instructions;
        program.undecodable += use.undecodable;
        if (use.undecodable != 0 && program.first_undecodable == 0) program.first_undecodable = use.first_undecodable;
        out.push_back(std::move(range));
    }
    count_gaps(code, out, program.bytes);
    by_count(program.uses);
    by_count(program.sweep_uses);
    return out;
}

Pointers::Pointers(const elf::Image& image) {
    constexpr std::uint32_t k64 = 1, kCopy = 5, kGlobDat = 6, kJumpSlot = 7, kRelative = 8, kIrelative = 37;
    slots_.reserve(image.relocations.size());
    for (const elf::Relocation& r : image.relocations) {
        Slot slot = {r.offset, {}};
        if (r.type == kRelative) slot.to = {Pointed::Kind::address, static_cast<std::uint64_t>(r.addend), {}};
        if (r.type == kIrelative) slot.to = {Pointed::Kind::resolver, static_cast<std::uint64_t>(r.addend), {}};
        if ((r.type == k64 || r.type == kGlobDat || r.type == kJumpSlot) && r.symbol < image.dynamic_symbols.size() &&
            r.symbol != 0) {
            const elf::Symbol& symbol = image.dynamic_symbols[r.symbol];
            const std::uint64_t to = symbol.value + (r.type == k64 ? static_cast<std::uint64_t>(r.addend) : 0);
            if (!symbol.defined()) slot.to = {Pointed::Kind::import, 0, symbol.name};
            else if (symbol.type == elf::SymbolType::ifunc)
                slot.to = {Pointed::Kind::resolver, symbol.value, symbol.name};
            else slot.to = {Pointed::Kind::address, to, symbol.name};
        }
        if (r.type != kCopy && slot.to.kind != Pointed::Kind::unknown) slots_.push_back(slot);
    }
    std::stable_sort(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) { return a.slot < b.slot; });
    if (image.type == elf::kEtExec) add_absolute(image);
}

Pointed Pointers::at(std::uint64_t slot) const {
    const auto found =
        std::lower_bound(slots_.begin(), slots_.end(), slot, [](const Slot& a, std::uint64_t b) { return a.slot < b; });
    return found != slots_.end() && found->slot == slot ? found->to : Pointed{};
}

std::optional<Pointed> Pointers::stub(const CodeBytes& code, std::uint64_t address) const {
    const CodeBytes::Region* region = code.at(address);
    if (region == nullptr) return std::nullopt;
    for (int i = 0; i < 3; ++i) {  // ENDBR64, then the jump
        const x86::Insn insn = x86::decode(code.from(address, 15), address);
        if (insn.length == 0) return std::nullopt;
        if (insn.flow == x86::Flow::indirect_jump && insn.target != 0) return at(insn.target);
        if (insn.flow != x86::Flow::next || !region->plt) return std::nullopt;
        address += insn.length;
    }
    return std::nullopt;
}

}  // namespace lf::audit
