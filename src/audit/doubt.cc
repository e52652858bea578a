// SPDX-License-Identifier: MIT
#include "audit/doubt.h"

#include <algorithm>
#include <set>

#include "audit/trace.h"

namespace lf::audit {
namespace {

using x86::Flow;
using Kind = Origin::Kind;

constexpr std::int64_t kInstructions = 30'000'000;  // that are traced in one file
constexpr std::int64_t kSearch = 100'000'000;       // blocks that are looked at to find what is sure
constexpr std::uint64_t kNear = 128;                // how far behind an address a structure may go on
constexpr std::uint64_t kSmall = 4096;              // bytes of a callee whose result is asked for

bool by_address(const DoubtfulSpan& a, const DoubtfulSpan& b) { return a.start < b.start; }

/// What is known of one function, while it is looked for.
struct Traced {
    std::uint8_t arguments = 0;  ///< which may hold answers, by place in kArguments
    bool outside = false;        ///< its arguments are the system's: main
    bool queued = false;
    Origin returned = {Kind::constant, -1};
    bool returns = false;
    std::vector<std::uint32_t> askers;    ///< who wants to know what it returns
    std::vector<std::uint32_t> branches;  ///< blocks whose branch goes by what may be an answer
};

class Doubter {
  public:
    Doubter(const CodeMap& map, Guards& guards, Doubts& out);
    void run();

  private:
    void want(std::uint32_t range);
    void trace(std::uint32_t range);
    void settle(std::uint32_t range, Tracer& tracer, std::vector<Traces>& in, bool last);
    void visit(std::uint32_t range, std::uint32_t block, Tracer& tracer, std::vector<Traces>& in, bool last);
    void leave(std::uint32_t range, std::uint32_t block, const Traces& state, std::vector<Traces>& in, bool last);
    Target target_of(const Traces& state, const FlowInsn& insn) const;
    Origin call(std::uint32_t range, const Traces& state, const Target& target, bool last);
    void give_back(std::uint32_t range, Origin value);
    void find_spans(std::uint32_t range);
    bool decided(std::uint32_t range, std::uint64_t address) const;
    Traces entry(std::uint32_t range) const;

    const CodeMap& map_;
    Guards& guards_;
    Doubts& out_;
    bool lost_;
    std::int64_t instructions_ = kInstructions, search_ = kSearch;
    std::unordered_map<std::uint32_t, Traced> traced_;
    std::vector<std::uint32_t> queue_;
    std::vector<bool> free_;
    std::set<std::uint64_t> written_;  ///< by code that leads to a question, by eight bytes
};

Doubter::Doubter(const CodeMap& map, Guards& guards, Doubts& out)
    : map_(map), guards_(guards), out_(out), lost_(!guards.all_followed()), free_(map.ranges.size(), false) {
    for (const elf::Symbol& s : map.image.dynamic_symbols)
        if (const std::uint32_t r = s.exported() ? map.range_at(s.value) : kNoRange; r != kNoRange) free_[r] = true;
    for (const elf::LoadCall& call : map.image.load_calls)
        if (const std::uint32_t r = map.range_at(call.address); r != kNoRange) free_[r] = true;
}

void Doubter::want(std::uint32_t range) {
    Traced& t = traced_[range];
    if (t.queued) return;
    t.queued = true;
    queue_.push_back(range);
}

Traces Doubter::entry(std::uint32_t range) const {
    Traces out;
    out.reached = true;
    out.registers[kRsp] = {Kind::stack, 0};
    const Traced& t = traced_.at(range);
    for (std::size_t i = 0; i < kArguments.size(); ++i) {
        Origin& r = out.registers[kArguments[i]];
        if (t.outside) r = {Kind::outside, 0};
        else if (((t.arguments >> i) & 1U) != 0) r = {Kind::doubtful, 0};
    }
    return out;
}

Target Doubter::target_of(const Traces& state, const FlowInsn& insn) const {
    if (insn.flow == Flow::call || insn.flow == Flow::jump || insn.flow == Flow::conditional)
        return map_.code_target(insn.target);
    if (insn.target != 0) return map_.slot_target(insn.target);
    const x86::Operand& o = insn.operation.operands[0];
    if (o.kind != x86::Operand::Kind::general) return {};
    const Origin& v = state.registers[o.number & 15U];
    return v.kind == Kind::constant ? map_.code_target(static_cast<std::uint64_t>(v.value)) : Target{};
}

/// What the call gives back.
Origin Doubter::call(std::uint32_t range, const Traces& state, const Target& target, bool last) {
    const bool starts = map_.image.entry != 0 && map_.range_at(map_.image.entry) == range;
    if (target.kind == Target::Kind::import || starts) {
        for (const std::uint8_t r : kArguments) {
            const Origin& v = state.registers[r];
            if (v.kind != Kind::constant) continue;
            const Target given = map_.code_target(static_cast<std::uint64_t>(v.value));
            if (given.kind != Target::Kind::range || given.address != map_.ranges[given.range].start) continue;
            if (last) out_.handed_over.emplace_back(range, given.address);
            Traced& t = traced_[map_.part_of[given.range]];
            if (starts && !t.outside) {
                t.outside = true;
                want(map_.part_of[given.range]);
            }
        }
    }
    if (target.kind == Target::Kind::import)
        return {cpu_query(target.symbol) == CpuQuery::none && target.symbol.find("setjmp") == std::string_view::npos
                    ? Kind::outside
                    : Kind::doubtful,
                0};
    if (target.kind != Target::Kind::range || target.address != map_.ranges[target.range].start)
        return {Kind::doubtful, 0};
    const std::uint32_t callee = map_.part_of[target.range];
    const bool known = traced_.contains(callee);
    if (!known && map_.ranges[callee].end - map_.ranges[callee].start > kSmall) return {Kind::doubtful, 0};
    Traced& t = traced_[callee];
    std::uint8_t arguments = t.arguments;
    if (!free_[callee])
        for (std::size_t i = 0; i < kArguments.size(); ++i)
            if (state.registers[kArguments[i]].doubtful()) arguments |= static_cast<std::uint8_t>(1U << i);
    if (arguments != t.arguments || !known) {
        t.arguments = arguments;
        want(callee);
    }
    if (std::find(t.askers.begin(), t.askers.end(), range) == t.askers.end()) t.askers.push_back(range);
    return t.returns && t.returned.kind != Kind::stack ? t.returned : Origin{};
}

void Doubter::give_back(std::uint32_t range, Origin value) {
    Traced& t = traced_[range];
    Origin now = value;
    if (t.returns && t.returned != value) {
        const bool doubtful = t.returned.doubtful() || value.doubtful();
        now = {doubtful ? Kind::doubtful : Kind::plain, 0};
    }
    if (t.returns && now == t.returned) return;
    t.returns = true;
    t.returned = now;
    for (const std::uint32_t asker : t.askers) want(asker);
}

bool Doubter::decided(std::uint32_t range, std::uint64_t address) const {
    const FunctionGuards* found = guards_.of(range);
    return found != nullptr && found->followed &&
           std::binary_search(found->decided.begin(), found->decided.end(), address);
}

// long: one case for each way in which a block ends
void Doubter::leave(std::uint32_t range, std::uint32_t b, const Traces& state, std::vector<Traces>& in, bool last) {
    const FlowGraph& graph = guards_.graph(range);
    const FlowBlock& block = graph.blocks[b];
    const FlowInsn& insn = graph.instructions[block.first + block.count - 1];
    bool doubtful = false;
    const auto out = [&](const FlowInsn& jump) {
        const Target to = target_of(state, jump);
        if (to.kind != Target::Kind::none) give_back(range, call(range, state, to, last));
        else give_back(range, {Kind::doubtful, 0});
    };
    switch (insn.flow) {
        case Flow::conditional:
            doubtful = insn.operation.op == x86::Op::conditional && state.flags && !decided(range, insn.address);
            if (block.taken == kNoBlock) out(insn);
            else join(in[block.taken], state);
            break;
        case Flow::jump:
            if (block.taken == kNoBlock) out(insn);
            else join(in[block.taken], state);
            break;
        case Flow::indirect_jump: {
            if (graph.table_blocks.empty()) out(insn);
            const x86::Operand& o = insn.operation.operands[0];
            doubtful = insn.target == 0 &&
                       (o.kind != x86::Operand::Kind::general || state.registers[o.number & 15U].doubtful());
            for (const std::uint32_t to : graph.table_blocks) join(in[to], state);
            break;
        }
        case Flow::ret: give_back(range, state.registers[kRax]); break;
        default: break;
    }
    if (block.next != kNoBlock) join(in[block.next], state);
    if (last && doubtful) traced_[range].branches.push_back(b);
    if (last && doubtful && insn.flow == Flow::conditional && block.taken == kNoBlock)
        out_.leaving.push_back(insn.address);
}

void Doubter::visit(std::uint32_t range, std::uint32_t b, Tracer& tracer, std::vector<Traces>& in, bool last) {
    const FlowGraph& graph = guards_.graph(range);
    const FlowBlock& block = graph.blocks[b];
    Traces state = in[b];
    instructions_ -= block.count + static_cast<std::int64_t>(state.slots.size() / 8);
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const FlowInsn& insn = graph.instructions[block.first + i];
        if (insn.flow == Flow::call || insn.flow == Flow::indirect_call) {
            const Target target = target_of(state, insn);
            const bool whole = target.kind == Target::Kind::range && target.address == map_.ranges[target.range].start;
            tracer.after_call(state, call(range, state, target, last), target.kind != Target::Kind::import,
                              whole ? guards_.clobbers(target.range) : kAllClobbered);
        } else {
            tracer.step(state, insn.operation);
        }
    }
    leave(range, b, state, in, last);
}

void Doubter::settle(std::uint32_t range, Tracer& tracer, std::vector<Traces>& in, bool last) {
    const FlowGraph& graph = guards_.graph(range);
    std::vector<std::uint32_t> by_order(graph.blocks.size());
    for (std::uint32_t b = 0; b < graph.blocks.size(); ++b) by_order[graph.order[b]] = b;
    if (last) {
        for (const std::uint32_t b : by_order)
            if (in[b].reached) visit(range, b, tracer, in, true);
        return;
    }
    std::vector<Traces> done(graph.blocks.size());
    for (bool news = true; news && instructions_ > 0;) {
        news = false;
        for (const std::uint32_t b : by_order) {
            if (!in[b].reached || in[b] == done[b]) continue;
            done[b] = in[b];
            news = true;
            visit(range, b, tracer, in, false);
        }
    }
}

void Doubter::trace(std::uint32_t range) {
    const FlowGraph& graph = guards_.graph(range);
    if (graph.blocks.empty()) return give_back(range, {Kind::doubtful, 0});
    Tracer tracer(guards_, lost_, written_);
    std::vector<Traces> in(graph.blocks.size());
    in[0] = entry(range);
    settle(range, tracer, in, false);
    // Places whose address was taken late: calls that were looked at before may write there.
    for (std::size_t taken = 0; taken != tracer.taken() && instructions_ > 0;) {
        taken = tracer.taken();
        in.assign(graph.blocks.size(), {});
        in[0] = entry(range);
        settle(range, tracer, in, false);
    }
    traced_[range].branches.clear();
    settle(range, tracer, in, true);
    if (!map_.leads_to_question[range]) return;
    constexpr std::uint64_t kWord = 8;
    for (const std::uint64_t address : tracer.written()) {
        if (!guards_.written_to(address) || !written_.insert(address & ~(kWord - 1)).second) continue;
        const std::uint64_t first = address & ~(kWord - 1);
        for (const std::uint32_t reader : map_.readers(first < kNear ? 0 : first - kNear, first + kWord))
            if (traced_.contains(map_.part_of[reader])) want(map_.part_of[reader]);
    }
}

/// Blocks from which the entry is found going back: where a branch is doubtful, all its ways must lead there.
std::vector<bool> sure_ways_to(const FlowGraph& graph, const std::vector<std::vector<std::uint32_t>>& from,
                               const std::vector<unsigned>& needed, std::uint32_t block) {
    std::vector<bool> sure(graph.blocks.size(), false);
    std::vector<unsigned> left = needed;
    std::vector<std::uint32_t> todo = {block};
    sure[block] = true;
    while (!todo.empty() && !sure[0]) {
        const std::uint32_t at = todo.back();
        todo.pop_back();
        for (const std::uint32_t p : from[at]) {
            if (sure[p] || (left[p] > 1 && --left[p] > 0)) continue;
            sure[p] = true;
            todo.push_back(p);
        }
    }
    return sure;
}

// long: what leads where, how many ways of each branch are needed, and each block by that
void Doubter::find_spans(std::uint32_t range) {
    const FlowGraph& graph = guards_.graph(range);
    const Traced& t = traced_[range];
    std::vector<DoubtfulSpan> spans;
    const std::uint64_t start = map_.ranges[range].start;
    if (instructions_ <= 0 || graph.blocks.empty()) {
        std::vector<std::uint32_t> ranges = map_.parts[range];
        ranges.push_back(range);
        for (const std::uint32_t r : ranges) spans.push_back({map_.ranges[r].start, map_.ranges[r].end, start});
        std::sort(spans.begin(), spans.end(), by_address);
        out_.spans[range] = std::move(spans);
        return;
    }
    if (t.branches.empty() && graph.table_blocks.empty()) return;
    std::vector<std::vector<std::uint32_t>> from(graph.blocks.size());
    std::vector<unsigned> needed(graph.blocks.size(), 1);
    std::vector<bool> branches(graph.blocks.size(), false);
    for (const std::uint32_t b : t.branches) branches[b] = true;
    for (std::uint32_t b = 0; b < graph.blocks.size(); ++b) {
        const FlowBlock& block = graph.blocks[b];
        const FlowInsn& last = graph.instructions[block.first + block.count - 1];
        std::vector<std::uint32_t> to = {block.next, block.taken};
        if (last.flow == Flow::indirect_jump && last.target == 0)
            to.insert(to.end(), graph.table_blocks.begin(), graph.table_blocks.end());
        std::sort(to.begin(), to.end());
        to.erase(std::unique(to.begin(), to.end()), to.end());
        unsigned ways = 0;
        for (const std::uint32_t next : to) {
            if (next == kNoBlock) continue;
            from[next].push_back(b);
            if (graph.order[next] > graph.order[b]) ++ways;  // a way back ends some time
        }
        const bool leaves = last.flow == Flow::conditional && block.taken == kNoBlock;
        if (branches[b]) needed[b] = std::max(ways + (leaves ? 1U : 0U), 1U);
    }
    for (std::uint32_t b = 1; b < graph.blocks.size(); ++b) {
        const FlowBlock& block = graph.blocks[b];
        std::uint64_t at = start;
        search_ -= static_cast<std::int64_t>(graph.blocks.size() / 8 + 1);
        if (search_ > 0) {
            const std::vector<bool> sure = sure_ways_to(graph, from, needed, b);
            if (sure[0]) continue;
            // The last branch that decides: some of its ways lead here, and some do not.
            for (const std::uint32_t branch : t.branches) {
                const FlowBlock& asks = graph.blocks[branch];
                const bool leads =
                    (asks.next != kNoBlock && sure[asks.next]) || (asks.taken != kNoBlock && sure[asks.taken]);
                if (leads) at = graph.instructions[asks.first + asks.count - 1].address;
            }
        }
        spans.push_back({block.start, block.end, at});
    }
    if (spans.empty()) return;
    std::sort(spans.begin(), spans.end(), by_address);
    out_.spans[range] = std::move(spans);
}

void Doubter::run() {
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i)
        if ((map_.leads_to_more[i] || map_.leads_to_question[i]) && map_.part_of[i] == i) want(i);
    if (const std::uint32_t r = map_.image.entry != 0 ? map_.range_at(map_.image.entry) : kNoRange; r != kNoRange)
        want(map_.part_of[r]);
    while (!queue_.empty() && instructions_ > 0) {
        std::vector<std::uint32_t> now = std::move(queue_);
        queue_.clear();
        std::sort(now.begin(), now.end());
        for (const std::uint32_t range : now) {
            traced_[range].queued = false;
            if (instructions_ > 0) trace(range);
            guards_.trim();
        }
    }
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i)
        if (map_.leads_to_more[i] && map_.part_of[i] == i) {
            find_spans(i);
            guards_.trim();
        }
    auto& handed = out_.handed_over;
    std::sort(handed.begin(), handed.end());
    handed.erase(std::unique(handed.begin(), handed.end()), handed.end());
    std::sort(out_.leaving.begin(), out_.leaving.end());
}

}  // namespace

Doubts find_doubts(const CodeMap& map, Guards& guards) {
    Doubts out;
    out.asks = asks_cpu(map, guards);
    if (out.asks) Doubter(map, guards, out).run();
    return out;
}

}  // namespace lf::audit
