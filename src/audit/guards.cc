// SPDX-License-Identifier: MIT
#include "audit/guards.h"

#include <algorithm>
#include <iterator>

namespace lf::audit {
namespace {

constexpr std::size_t kDepth = 5;       // calls within calls that are followed
constexpr std::uint64_t kSmall = 1024;  // bytes of a helper that is followed for its arguments
constexpr std::uint64_t kLarge =
    std::uint64_t{64} * 1024;           // of a function that asks the CPU, and is followed from its callers
constexpr unsigned kTimes = 6;          // that one function is walked
constexpr std::uint64_t kObject = 128;  // how far behind an address a structure may go on
constexpr std::size_t kKept = 100'000;  // instructions of graphs that are kept

/// A byte that may be anything besides.
void open(Values& values, Bits& byte) {
    for (unsigned i = 0; i < 8; ++i) byte[i] = values.either_something(byte[i]);
}

}  // namespace

bool argument_from_cpu(const State& state) {
    for (const std::uint8_t r : kArguments) {
        const Value& v = state.registers[r];
        if (v.formulas != 0) return true;
        if (v.base == Base::stack && holds_answers(state)) return true;
    }
    return false;
}

bool AnswerMemory::holds(std::uint64_t address, unsigned size) const {
    const auto at = bytes_.lower_bound(address);
    return at != bytes_.end() && at->first - address < size;
}

const Value* AnswerMemory::at(std::uint64_t address) const {
    const auto found = bytes_.find(address);
    return found == bytes_.end() ? nullptr : &found->second;
}

bool AnswerMemory::add(Values& values, std::uint64_t address, const Value& byte, Formula when, const Value& initial) {
    constexpr std::size_t kBytes = 1 << 16;
    auto found = bytes_.find(address);
    if (found == bytes_.end()) {
        if (bytes_.size() >= kBytes) return false;
        // What the file holds at first and is not zero is mostly "not asked yet" (-1): nobody goes by it for long.
        Bits first = values.bits_of(initial);
        for (unsigned i = 0; i < 8; ++i)
            if (first[i] == kOneBit) first[i] = {values.something().one, kTrue};
        if (exposed(address)) open(values, first);
        found = bytes_.emplace(address, values.make(first)).first;
    }
    Bits out = values.bits_of(found->second);
    for (unsigned i = 0; i < 8; ++i) {
        Bit b = values.bit(byte, i);
        // Written with what is not the CPU's either (an override by the environment, say): that way stays open, and
        // says so.
        if (b == kAnyBit) b = values.something();
        out[i].one = values.formulas().either(out[i].one, values.formulas().both(when, b.one));
        out[i].zero = values.formulas().either(out[i].zero, values.formulas().both(when, b.zero));
    }
    const Value made = values.make(out);
    if (made == found->second) return false;
    found->second = made;
    return true;
}

bool AnswerMemory::exposed(std::uint64_t address) const {
    constexpr std::uint64_t kLargest = 4096;
    auto at = exposed_.upper_bound(address);
    while (at != exposed_.begin() && address - std::prev(at)->first < kLargest) {
        --at;
        if (address - at->first < at->second) return true;
    }
    return false;
}

bool AnswerMemory::expose(Values& values, std::uint64_t address, std::uint64_t size) {
    const auto [known, fresh] = exposed_.emplace(address, size);
    if (!fresh && known->second >= size) return false;
    known->second = size;
    bool news = false;
    for (auto at = bytes_.lower_bound(address); at != bytes_.end() && at->first - address < size; ++at) {
        Bits out = values.bits_of(at->second);
        open(values, out);
        const Value made = values.make(out);
        news = news || made != at->second;
        at->second = made;
    }
    return news;
}

Guards::Guards(const CodeMap& map) : map_(map), queued_(map.ranges.size(), false) {}

const FunctionGuards* Guards::of(std::uint32_t range) const {
    const auto found = done_.find(range);
    return found == done_.end() ? nullptr : &found->second;
}

const FlowGraph& Guards::graph(std::uint32_t range) {
    std::unique_ptr<FlowGraph>& made = graphs_[range];
    if (!made) {
        made = std::make_unique<FlowGraph>(flow_graph(map_, range));
        graph_instructions_ += made->instructions.size();
        kept_.push_back(range);
    }
    return *made;
}

void Guards::trim() {
    while (graph_instructions_ > kKept && !kept_.empty()) {
        const auto oldest = graphs_.find(kept_.front());
        kept_.pop_front();
        graph_instructions_ -= oldest->second->instructions.size();
        graphs_.erase(oldest);
    }
}

void Guards::forget() {
    graphs_.clear();
    kept_.clear();
    graph_instructions_ = 0;
}

bool Guards::all_followed() const {
    return complete() && !lost &&
           std::all_of(done_.begin(), done_.end(), [](const auto& d) { return d.second.followed; });
}

// GCC lets callers within the file keep values in registers that a function does not write (-fipa-ra).
std::uint16_t Guards::clobbers(std::uint32_t range, unsigned depth) {
    constexpr std::uint64_t kLargest = 4096;
    constexpr unsigned kDeepest = 3;
    if (const auto known = clobbers_.find(range); known != clobbers_.end()) return known->second;
    const CodeRange& r = map_.ranges[range];
    if (depth > kDeepest || r.end - r.start > kLargest || r.jumps_indirectly || !map_.parts[range].empty())
        return kAllClobbered;
    std::uint16_t out = 1U << kRax;
    for (const Reference& reference : r.references) {
        if (reference.kind == Reference::Kind::data) continue;
        const Target to = map_.of(reference);
        const bool within = to.kind == Target::Kind::range && to.range != range;
        out |= within ? clobbers(to.range, depth + 1) : kAllClobbered;
        if (out == kAllClobbered) break;
    }
    const elf::Bytes all = map_.code.from(r.start, r.end - r.start);
    for (std::size_t at = 0; at < all.size() && out != kAllClobbered;) {
        const x86::Insn insn = x86::decode(all.subspan(at), r.start + at);
        const x86::Operation operation = x86::operation(all.subspan(at), r.start + at);
        if (insn.flow == x86::Flow::indirect_call || insn.length == 0) out = kAllClobbered;
        // What the decoder library cannot read is newer than general registers matter: vectors.
        out |= operation.writes;
        at += insn.length == 0 ? 1 : insn.length;
    }
    return clobbers_[range] = out;
}

bool Guards::expose(std::uint64_t address, std::uint64_t size) { return memory.expose(values_, address, size); }

bool Guards::worth_following_into(std::uint32_t range, bool answers_given, std::size_t depth) const {
    if (depth > kDepth || steps_left_ <= 0 || range == gcc.init) return false;
    const std::uint64_t size = map_.ranges[range].end - map_.ranges[range].start;
    if ((map_.leads_to_question[range] || writes_behind.contains(range)) && size <= kLarge) return true;
    return size <= kSmall && answers_given;
}

Value Guards::initial_byte(std::uint64_t address) const {
    const auto bytes = map_.image.loaded(address, 1);
    return number(bytes ? (*bytes)[0] : 0);
}

bool Guards::written_to(std::uint64_t address) const {
    constexpr std::uint32_t kWritable = 2;  // PF_W
    for (const elf::Segment& s : map_.image.segments)
        if (s.type == 1 && address >= s.address && address - s.address < s.memory_size)
            return (s.flags & kWritable) != 0;
    return false;
}

bool Guards::settled(std::uint64_t address) const {
    constexpr std::uint32_t kRelro = 0x6474e552;  // PT_GNU_RELRO
    for (const elf::Segment& s : map_.image.segments)
        if (s.type == kRelro && address >= s.address && address - s.address < s.memory_size) return true;
    return !written_to(address);
}

void Guards::enqueue(std::uint32_t range) {
    range = map_.part_of[range];
    if (range == gcc.init) return;  // what it writes is known
    if (queued_[range] || times_[range] >= kTimes) return;
    queued_[range] = true;
    queue_.push_back(range);
}

void Guards::enqueue_readers() {
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    std::uint64_t from = 0, to = 0;
    const auto flush = [&] {
        if (to == 0) return;
        for (const std::uint32_t range : map_.readers(from, to)) enqueue(range);
    };
    for (const std::uint64_t address : changed) {
        const std::uint64_t first = address < kObject ? 0 : address - kObject;
        if (to != 0 && first <= to) {
            to = address + 1;
            continue;
        }
        flush();
        from = first;
        to = address + 1;
    }
    flush();
    changed.clear();
}

// A helper may hand the answer back through a pointer, which only its callers can follow.
void Guards::enqueue_with_callers(std::uint32_t range) {
    constexpr std::size_t kCallers = 256;
    enqueue(range);
    for (const std::uint32_t caller : map_.callers[range]) {
        enqueue(caller);
        if (map_.callers[caller].size() > kCallers) continue;
        for (const std::uint32_t above : map_.callers[caller]) enqueue(above);
    }
}

// Who asks the CPU, who reads what another file's code asked, and who chooses for the loader.
void Guards::seed() {
    constexpr std::uint64_t kModelSize = 16;
    for (const std::uint64_t start : {gcc.model, gcc.features2})
        if (start != 0)
            for (const std::uint32_t range : map_.readers(start, start + kModelSize)) enqueue(range);
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i) {
        if (map_.ranges[i].asks_cpu) enqueue_with_callers(i);
        for (const Reference& r : map_.ranges[i].references) {
            const Pointed to = r.kind == Reference::Kind::data ? map_.pointers.at(r.target) : Pointed{};
            if (to.kind == Pointed::Kind::import && cpu_object(to.symbol) != CpuObject::none) enqueue(i);
            if (r.kind == Reference::Kind::data) continue;
            const Target target = map_.of(r);
            if (target.kind == Target::Kind::import && cpu_query(target.symbol) != CpuQuery::none) enqueue(i);
        }
    }
    for (const Pointers::Slot& slot : map_.pointers.all())
        if (slot.to.kind == Pointed::Kind::resolver)
            if (const std::uint32_t r = map_.range_at(slot.to.address); r != kNoRange) enqueue(r);
    for (const auto* symbols : {&map_.image.dynamic_symbols, &map_.image.symbols})
        for (const elf::Symbol& symbol : *symbols)
            if (symbol.defined() && symbol.type == elf::SymbolType::ifunc)
                if (const std::uint32_t r = map_.range_at(symbol.value); r != kNoRange) enqueue(r);
}

void Guards::follow() {
    glibc = glibc_layout(map_);
    gcc = gcc_model(*this);
    seed();
    while (!queue_.empty() && steps_left_ > 0) {
        std::vector<std::uint32_t> now = std::move(queue_);
        queue_.clear();
        std::sort(now.begin(), now.end());
        for (const std::uint32_t range : now) {
            queued_[range] = false;
            ++times_[range];
            if (steps_left_ <= 0) break;
            const auto before_behind = writes_behind.count(range);
            FunctionGuards found = walk_function(*this, range);
            const FunctionGuards* before = of(range);
            const Value& gives = found.returned;
            const bool answers = gives.formulas != 0 || gives.base == Base::object ||
                                 (gives.constant() && memory.holds(gives.bits, kObject));  // a place of them
            const bool news = (answers && (before == nullptr || before->returned != found.returned)) ||
                              (found.returns > kTrue && (before == nullptr || found.returns != before->returns));
            done_[range] = std::move(found);
            if (news || (writes_behind.contains(range) && before_behind == 0))
                for (const std::uint32_t caller : map_.callers[range]) enqueue(caller);
            enqueue_readers();
            trim();
        }
    }
}

}  // namespace lf::audit
