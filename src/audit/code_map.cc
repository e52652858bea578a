// SPDX-License-Identifier: MIT
#include "audit/code_map.h"

#include <algorithm>
#include <array>
#include <utility>

#include "x86/decode.h"

namespace lf::audit {
namespace {

using Kind = Reference::Kind;

// Functions of the C and C++ libraries, and of ggml, that do not return.
constexpr std::array<std::string_view, 32> kNeverReturn = {"exit",
                                                           "_exit",
                                                           "_Exit",
                                                           "quick_exit",
                                                           "abort",
                                                           "__assert_fail",
                                                           "__assert",
                                                           "__assert_perror_fail",
                                                           "__stack_chk_fail",
                                                           "__fortify_fail",
                                                           "__chk_fail",
                                                           "__libc_fatal",
                                                           "longjmp",
                                                           "_longjmp",
                                                           "siglongjmp",
                                                           "__longjmp_chk",
                                                           "pthread_exit",
                                                           "thrd_exit",
                                                           "err",
                                                           "errx",
                                                           "verr",
                                                           "verrx",
                                                           "_Unwind_Resume",
                                                           "__cxa_throw",
                                                           "__cxa_rethrow",
                                                           "__cxa_bad_cast",
                                                           "__cxa_bad_typeid",
                                                           "__cxa_throw_bad_array_new_length",
                                                           "__cxa_pure_virtual",
                                                           "_ZSt9terminatev",
                                                           "ggml_abort",
                                                           "__libc_start_call_main"};

bool never_returns_by_name(std::string_view name) {
    if (name.starts_with("_ZSt") && name.find("__throw_") != std::string_view::npos) return true;
    return std::find(kNeverReturn.begin(), kNeverReturn.end(), name) != kNeverReturn.end();
}

bool is_jump(Kind kind) { return kind == Kind::jump || kind == Kind::conditional; }

}  // namespace

CodeMap::CodeMap(const elf::Image& from, Program& program)
    : image(from), code(from), pointers(from), ranges(scan(from, code, program)) {
    find_starts();
    split_sweeps(program);
    find_starts();
    find_stubs();
    find_callers();
    find_parts();
    find_never_returning();
    find_leading();
}

void CodeMap::find_starts() {
    starts_.clear();
    starts_.reserve(ranges.size());
    for (const CodeRange& range : ranges) starts_.push_back(range.start);
}

std::uint32_t CodeMap::range_at(std::uint64_t address) const {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), address);
    if (after == starts_.begin()) return kNoRange;
    const auto range = static_cast<std::uint32_t>(after - starts_.begin() - 1);
    return address < ranges[range].end ? range : kNoRange;
}

namespace {

Target target_of(const CodeMap& map, const Pointed& to) {
    switch (to.kind) {
        case Pointed::Kind::import: return {Target::Kind::import, kNoRange, 0, to.symbol};
        case Pointed::Kind::address:
        case Pointed::Kind::resolver: {
            const std::uint32_t range = map.range_at(to.address);
            if (range == kNoRange) return {};
            return {to.kind == Pointed::Kind::address ? Target::Kind::range : Target::Kind::resolver, range, to.address,
                    to.symbol};
        }
        case Pointed::Kind::unknown: break;
    }
    return {};
}

}  // namespace

Target CodeMap::code_target(std::uint64_t address) const {
    if (const std::uint32_t range = range_at(address); range != kNoRange) {
        // Without section headers stubs look like other code.
        const auto stub = image.sectionless ? pointers.stub(code, address) : std::nullopt;
        if (stub && stub->kind == Pointed::Kind::import) return target_of(*this, *stub);
        return {Target::Kind::range, range, address, {}};
    }
    const auto known = std::lower_bound(stubs_.begin(), stubs_.end(), address,
                                        [](const Stub& s, std::uint64_t a) { return s.address < a; });
    if (known != stubs_.end() && known->address == address) return known->to;
    const auto behind = pointers.stub(code, address);
    return behind ? target_of(*this, *behind) : Target{};
}

// Each is decoded once: calls go through few of them, and often.
void CodeMap::find_stubs() {
    std::vector<std::uint64_t> found;
    for (const CodeRange& range : ranges)
        for (const Reference& r : range.references)
            if ((r.kind == Kind::call || is_jump(r.kind)) && range_at(r.target) == kNoRange) found.push_back(r.target);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    std::vector<Stub> stubs;
    stubs.reserve(found.size());
    for (const std::uint64_t address : found) stubs.push_back({address, code_target(address)});
    stubs_ = std::move(stubs);
}

Target CodeMap::slot_target(std::uint64_t slot) const { return target_of(*this, pointers.at(slot)); }

Target CodeMap::of(const Reference& reference) const {
    if (reference.kind == Kind::call_slot || reference.kind == Kind::jump_slot) return slot_target(reference.target);
    if (reference.kind == Kind::data) {
        // A slot of the GOT stands for what it points to; a table in data does not stand for its first entry.
        const Target there = slot_target(reference.target);
        if (there.kind == Target::Kind::none) return code_target(reference.target);
        const elf::Section* section = image.section_at(reference.target);
        return section == nullptr || section->name.starts_with(".got") ? there : Target{};
    }
    return code_target(reference.target);
}

bool CodeMap::never_returns(const Target& target) const {
    if (target.kind == Target::Kind::import) return never_returns_by_name(target.symbol);
    return target.kind == Target::Kind::range && target.address == ranges[target.range].start &&
           never_returning[target.range];
}

std::vector<std::uint32_t> CodeMap::readers(std::uint64_t from, std::uint64_t to) const {
    std::vector<std::uint32_t> out;
    auto at = std::lower_bound(data_.begin(), data_.end(), from,
                               [](const DataReference& d, std::uint64_t a) { return d.target < a; });
    for (; at != data_.end() && at->target < to; ++at) out.push_back(at->range);
    return out;
}

std::vector<std::uint32_t> CodeMap::whole(std::uint32_t owner) const {
    std::vector<std::uint32_t> out = parts[owner];
    out.push_back(owner);
    return out;
}

// Reverse postorder of who is called by whom, without recursion.
std::vector<std::uint32_t> CodeMap::callees_first() const {
    std::vector<std::uint32_t> out;
    out.reserve(ranges.size());
    std::vector<bool> seen(ranges.size(), false);
    std::vector<std::pair<std::uint32_t, std::size_t>> stack;
    for (std::uint32_t root = 0; root < ranges.size(); ++root) {
        if (seen[root]) continue;
        seen[root] = true;
        stack.emplace_back(root, 0);
        while (!stack.empty()) {
            auto& [at, step] = stack.back();
            if (step == callers[at].size()) {
                out.push_back(at);
                stack.pop_back();
                continue;
            }
            const std::uint32_t caller = part_of[callers[at][step++]];
            if (seen[caller]) continue;
            seen[caller] = true;
            stack.emplace_back(caller, 0);
        }
    }
    std::reverse(out.begin(), out.end());
    return out;
}

// Numbers that look like addresses, and jumps of what is no code, lead into the middle of instructions: nothing begins
// there. Of sorted addresses.
void CodeMap::keep_boundaries(std::vector<std::uint64_t>& addresses) const {
    std::vector<std::uint64_t> out;
    out.reserve(addresses.size());
    std::uint64_t at = 0;
    std::uint32_t of = kNoRange;
    for (const std::uint64_t address : addresses) {
        const std::uint32_t range = range_at(address);
        if (range != of) at = ranges[range].start;
        of = range;
        while (at < address) {
            const unsigned length = x86::decode(code.from(at, 15), at).length;
            at += length == 0 ? 1 : length;
        }
        if (at == address) out.push_back(address);
    }
    addresses = std::move(out);
}

// Code that no table cuts into functions is cut where something leads.
void CodeMap::split_sweeps(Program& program) {
    std::vector<std::uint64_t> led_to, sure;
    const auto add = [&](std::vector<std::uint64_t>& to, std::uint64_t address) {
        const std::uint32_t range = range_at(address);
        if (range != kNoRange && ranges[range].start != address &&
            program.functions[ranges[range].function].range.source != elf::RangeSource::eh_frame)
            to.push_back(address);
    };
    const auto note = [&](std::uint64_t address) { add(led_to, address); };
    for (const CodeRange& range : ranges)
        for (const Reference& r : range.references) note(r.target);
    for (const Pointers::Slot& slot : pointers.all()) note(slot.to.address);
    for (const elf::Symbol& symbol : image.dynamic_symbols)
        if (symbol.defined()) add(sure, symbol.value);
    for (const elf::LoadCall& call : image.load_calls) add(sure, call.address);
    std::sort(led_to.begin(), led_to.end());
    keep_boundaries(led_to);
    led_to.insert(led_to.end(), sure.begin(), sure.end());
    if (led_to.empty()) return;
    std::sort(led_to.begin(), led_to.end());
    led_to.erase(std::unique(led_to.begin(), led_to.end()), led_to.end());
    const Addressing how = addressing_of(image);
    std::vector<CodeRange> out;
    out.reserve(ranges.size() + led_to.size());
    auto cut = led_to.begin();
    for (CodeRange& range : ranges) {
        while (cut != led_to.end() && *cut <= range.start) ++cut;
        if (cut == led_to.end() || *cut >= range.end) {
            out.push_back(std::move(range));
            continue;
        }
        for (std::uint64_t start = range.start; start < range.end;) {
            CodeRange piece;
            piece.start = start;
            piece.end = cut != led_to.end() ? std::min(*cut, range.end) : range.end;
            piece.function = range.function;
            start = piece.end;
            if (cut != led_to.end() && *cut <= start) ++cut;
            scan_range(code, piece, nullptr, nullptr, how);
            out.push_back(std::move(piece));
        }
    }
    ranges = std::move(out);
}

void CodeMap::find_callers() {
    callers.resize(ranges.size());
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
        for (const Reference& r : ranges[i].references) {
            if (r.kind == Kind::data) {
                data_.push_back({r.target, i});
                continue;
            }
            const Target to = of(r);
            if (to.kind == Target::Kind::range && to.range != i) callers[to.range].push_back(i);
        }
    }
    for (std::vector<std::uint32_t>& c : callers) {
        std::sort(c.begin(), c.end());
        c.erase(std::unique(c.begin(), c.end()), c.end());
    }
    std::sort(data_.begin(), data_.end(), [](const DataReference& a, const DataReference& b) {
        return a.target != b.target ? a.target < b.target : a.range < b.range;
    });
}

// A range whose start nobody calls or holds, and into which exactly one function jumps, is that one's cold part.
void CodeMap::find_parts() {
    part_of.resize(ranges.size());
    parts.resize(ranges.size());
    std::vector<bool> free(ranges.size(), true);
    std::vector<std::uint32_t> jumper(ranges.size(), kNoRange);
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
        part_of[i] = i;
        for (const Reference& r : ranges[i].references) {
            const Target to = of(r);
            if (to.kind != Target::Kind::range && to.kind != Target::Kind::resolver) continue;
            if (to.range == i) continue;
            if (!is_jump(r.kind) || (jumper[to.range] != kNoRange && jumper[to.range] != i)) free[to.range] = false;
            jumper[to.range] = i;
        }
    }
    for (const Pointers::Slot& slot : pointers.all())
        if (const std::uint32_t r = range_at(slot.to.address); r != kNoRange) free[r] = false;
    for (const elf::Symbol& symbol : image.dynamic_symbols)
        if (const std::uint32_t r = symbol.defined() ? range_at(symbol.value) : kNoRange; r != kNoRange)
            free[r] = false;
    for (const elf::LoadCall& call : image.load_calls)
        if (const std::uint32_t r = range_at(call.address); r != kNoRange) free[r] = false;
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
        const std::uint32_t owner = jumper[i];
        if (!free[i] || owner == kNoRange || free[owner]) continue;  // parts of parts stay functions
        part_of[i] = owner;
        parts[owner].push_back(i);
    }
}

void CodeMap::find_never_returning() {
    never_returning.resize(ranges.size(), false);
    for (const elf::Symbol& symbol : image.symbols) {
        const std::uint32_t r =
            symbol.defined() && never_returns_by_name(symbol.name) ? range_at(symbol.value) : kNoRange;
        if (r != kNoRange && ranges[r].start == symbol.value) never_returning[r] = true;
    }
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
        const CodeRange& range = ranges[i];
        if (range.returns || range.jumps_indirectly || range.falls_through) continue;
        const bool leaves = std::any_of(range.references.begin(), range.references.end(), [](const Reference& r) {
            return is_jump(r.kind) || r.kind == Kind::jump_slot;
        });
        if (!leaves) never_returning[i] = true;
    }
}

void CodeMap::find_leading() {
    leads_to_more.resize(ranges.size(), false);
    leads_to_question.resize(ranges.size(), false);
    holders.resize(ranges.size());
    for (const DataReference& d : data_) {
        Target to = of({d.target, 0, Kind::data});
        if (to.kind == Target::Kind::none) to = slot_target(d.target);
        if (to.range != kNoRange && to.range != d.range) holders[to.range].push_back(d.range);
    }
    std::vector<std::uint32_t> todo, asking;
    for (std::uint32_t i = 0; i < ranges.size(); ++i) {
        if (ranges[i].interesting()) leads_to_more[i] = true, todo.push_back(i);
        if (ranges[i].asks_cpu) leads_to_question[i] = true, asking.push_back(i);
    }
    while (!todo.empty()) {
        const std::uint32_t at = todo.back();
        todo.pop_back();
        for (const auto* from : {&callers[at], &holders[at]})
            for (const std::uint32_t c : *from)
                if (!leads_to_more[c]) leads_to_more[c] = true, todo.push_back(c);
    }
    constexpr int kCalls = 4;
    for (int depth = 0; depth < kCalls; ++depth) {
        std::vector<std::uint32_t> next;
        for (const std::uint32_t at : asking)
            for (const std::uint32_t c : callers[at])
                if (!leads_to_question[c]) leads_to_question[c] = true, next.push_back(c);
        asking = std::move(next);
    }
}

}  // namespace lf::audit
