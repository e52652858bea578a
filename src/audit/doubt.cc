// SPDX-License-Identifier: MIT
#include "audit/doubt.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>

#include "audit/doubt_leads.h"
#include "audit/trace.h"

namespace lf::audit {
namespace {

using x86::Flow;
using Kind = Origin::Kind;

constexpr std::int64_t kInstructions = 30'000'000;  // that are traced in one file
constexpr std::int64_t kSearch = 100'000'000;       // blocks that are looked at to find what is sure
constexpr std::uint64_t kNear = 128;                // how far behind an address a structure may go on
constexpr std::int64_t kFlag = 0xffff;              // larger constants are addresses
constexpr std::uint64_t kSmall = 4096;              // bytes of a callee whose result is asked for

/// What is known of one function, while it is looked for.
struct Traced {
    std::uint8_t arguments = 0;  ///< which may hold answers, by place in kArguments
    std::array<std::optional<std::int64_t>, kArguments.size()> constants = {};  ///< that calls hand over
    bool outside = false;  ///< its arguments are the system's: main
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
    Origin call(std::uint32_t range, const Traces& state, const Target& target, std::uint64_t at, bool last);
    std::uint8_t answers_given(std::uint32_t range, std::uint64_t at) const;
    Origin returned_by(std::uint32_t callee) const;
    void give_back(std::uint32_t range, Origin value);
    void find_spans(std::uint32_t range);
    void follow();
    void look_above(std::vector<std::uint32_t> from);
    bool decided(std::uint32_t range, std::uint64_t address) const;
    Traces entry(std::uint32_t range) const;
    void go(std::uint32_t block, const Traces& state, std::vector<Traces>& in);

    const CodeMap& map_;
    Guards& guards_;
    Doubts& out_;
    bool lost_;
    std::int64_t instructions_ = kInstructions, search_ = kSearch;
    std::unordered_map<std::uint32_t, Traced> traced_;
    std::vector<std::uint32_t> rank_, by_rank_;  // callees before their callers
    std::set<std::uint32_t> now_, later_;        // ranks of what is to be traced: on the way, and on the way back
    std::uint32_t at_rank_ = 0;
    bool upwards_ = true;
    std::vector<bool> free_;
    // Of the function that is traced.
    const FlowGraph* graph_ = nullptr;
    std::vector<bool> changed_;  // blocks that were come to in a new way
    Traces state_;
    SureLeads leads_;
    std::vector<bool> looked_at_;      ///< for whether it surely leads to more
    std::set<std::uint64_t> written_;  ///< by code that leads to a question, by eight bytes
};

Doubter::Doubter(const CodeMap& map, Guards& guards, Doubts& out)
    : map_(map),
      guards_(guards),
      out_(out),
      lost_(!guards.all_followed()),
      free_(map.ranges.size(), false),
      leads_(map, guards),
      looked_at_(map.ranges.size(), false) {
    for (const elf::Symbol& s : map.image.dynamic_symbols)
        if (const std::uint32_t r = s.exported() ? map.range_at(s.value) : kNoRange; r != kNoRange) free_[r] = true;
    for (const elf::LoadCall& call : map.image.load_calls)
        if (const std::uint32_t r = map.range_at(call.address); r != kNoRange) free_[r] = true;
}

void Doubter::want(std::uint32_t range) {
    Traced& t = traced_[range];
    if (t.queued) return;
    t.queued = true;
    const std::uint32_t at = rank_[range];
    (upwards_ ? at > at_rank_ : at < at_rank_) ? now_.insert(at) : later_.insert(at);
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
    if (insn.target != 0) return graph_->target_of(map_, insn);
    const x86::Operand& o = insn.operation.operands[0];
    if (o.kind != x86::Operand::Kind::general) return {};
    const Origin& v = state.registers[o.number & 15U];
    return v.kind == Kind::constant ? map_.code_target(static_cast<std::uint64_t>(v.value)) : Target{};
}

/// Which of two plain values it is, the CPU may have decided: the walk knows, where it was there.
std::uint8_t Doubter::answers_given(std::uint32_t range, std::uint64_t at) const {
    std::uint8_t out = 0;
    if (const FunctionGuards* found = guards_.of(range); found != nullptr)
        for (const Lead& lead : found->leads)
            if (lead.at == at) out |= lead.answers;
    return out;
}

Origin Doubter::returned_by(std::uint32_t callee) const {
    const Traced& t = traced_.at(callee);
    const FunctionGuards* found = guards_.of(callee);
    if (found != nullptr && found->returned.formulas != 0) return {Kind::doubtful, 0};
    return t.returns && t.returned.kind != Kind::stack ? t.returned : Origin{};
}

/// What the call gives back.
Origin Doubter::call(std::uint32_t range, const Traces& state, const Target& target, std::uint64_t at, bool last) {
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
    std::uint8_t arguments = static_cast<std::uint8_t>(t.arguments | answers_given(range, at));
    for (std::size_t i = 0; i < kArguments.size(); ++i) {
        const Origin& v = state.registers[kArguments[i]];
        if (v.doubtful() && !free_[callee]) arguments |= static_cast<std::uint8_t>(1U << i);
        if (v.kind != Kind::constant || v.value < -kFlag || v.value > kFlag) continue;
        // Two constants: which of them it is may be the CPU's choice, of the calls.
        if (t.constants[i] && *t.constants[i] != v.value) arguments |= static_cast<std::uint8_t>(1U << i);
        t.constants[i] = v.value;
    }
    if (arguments != t.arguments || !known) {
        t.arguments = arguments;
        want(callee);
    }
    if (std::find(t.askers.begin(), t.askers.end(), range) == t.askers.end()) t.askers.push_back(range);
    return returned_by(callee);
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

void Doubter::go(std::uint32_t block, const Traces& state, std::vector<Traces>& in) {
    if (join(in[block], state)) changed_[block] = true;
}

// long: one case for each way in which a block ends
void Doubter::leave(std::uint32_t range, std::uint32_t b, const Traces& state, std::vector<Traces>& in, bool last) {
    const FlowGraph& graph = *graph_;
    const FlowBlock& block = graph.blocks[b];
    const FlowInsn& insn = graph.last_of(block);
    bool doubtful = false;
    const auto out = [&](const FlowInsn& jump) {
        const Target to = target_of(state, jump);
        if (to.kind != Target::Kind::none) give_back(range, call(range, state, to, jump.address, last));
        else give_back(range, {Kind::doubtful, 0});
    };
    switch (insn.flow) {
        case Flow::conditional:
            doubtful = insn.operation.op == x86::Op::conditional && state.flags && !decided(range, insn.address);
            if (block.taken == kNoBlock) out(insn);
            else go(block.taken, state, in);
            break;
        case Flow::jump:
            if (block.taken == kNoBlock) out(insn);
            else go(block.taken, state, in);
            break;
        case Flow::indirect_jump: {
            if (graph.table_blocks.empty()) out(insn);
            const x86::Operand& o = insn.operation.operands[0];
            doubtful = insn.target == 0 &&
                       (o.kind != x86::Operand::Kind::general || state.registers[o.number & 15U].doubtful());
            for (const std::uint32_t to : graph.table_blocks) go(to, state, in);
            break;
        }
        case Flow::ret: give_back(range, state.registers[kRax]); break;
        default: break;
    }
    if (block.next != kNoBlock) go(block.next, state, in);
    if (last && doubtful) traced_[range].branches.push_back(b);
    if (last && doubtful && insn.flow == Flow::conditional && block.taken == kNoBlock)
        out_.leaving.push_back(insn.address);
}

void Doubter::visit(std::uint32_t range, std::uint32_t b, Tracer& tracer, std::vector<Traces>& in, bool last) {
    const FlowGraph& graph = *graph_;
    const FlowBlock& block = graph.blocks[b];
    Traces& state = state_;
    state = in[b];
    instructions_ -= block.count + static_cast<std::int64_t>(state.slots.size() / 8);
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const FlowInsn& insn = graph.instructions[block.first + i];
        if (insn.flow == Flow::call || insn.flow == Flow::indirect_call) {
            const Target target = target_of(state, insn);
            const bool whole = target.kind == Target::Kind::range && target.address == map_.ranges[target.range].start;
            tracer.after_call(state, call(range, state, target, insn.address, last),
                              target.kind != Target::Kind::import,
                              whole ? guards_.clobbers(target.range) : kAllClobbered);
        } else {
            tracer.step(state, insn.operation);
        }
    }
    leave(range, b, state, in, last);
}

void Doubter::settle(std::uint32_t range, Tracer& tracer, std::vector<Traces>& in, bool last) {
    const FlowGraph& graph = *graph_;
    const std::vector<std::uint32_t> by_order = graph.by_order();
    if (last) {
        for (const std::uint32_t b : by_order)
            if (in[b].reached) visit(range, b, tracer, in, true);
        return;
    }
    for (bool news = true; news && instructions_ > 0;) {
        news = false;
        for (const std::uint32_t b : by_order) {
            if (!changed_[b]) continue;
            changed_[b] = false;
            news = true;
            visit(range, b, tracer, in, false);
        }
    }
}

void Doubter::trace(std::uint32_t range) {
    const FlowGraph& graph = guards_.graph(range);
    graph_ = &graph;
    if (graph.blocks.empty()) return give_back(range, {Kind::doubtful, 0});
    Tracer tracer(guards_, lost_, written_);
    std::vector<Traces> in(graph.blocks.size());
    changed_.assign(graph.blocks.size(), false);
    go(0, entry(range), in);
    settle(range, tracer, in, false);
    // Places whose address was taken late: calls that were looked at before may write there. What was found without
    // that is less than what is so, never more, and stays where it is.
    for (std::size_t taken = 0; taken != tracer.taken() && instructions_ > 0;) {
        taken = tracer.taken();
        for (std::size_t b = 0; b < graph.blocks.size(); ++b) changed_[b] = in[b].reached && graph.blocks[b].calls;
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

void Doubter::find_spans(std::uint32_t range) {
    const FlowGraph& graph = guards_.graph(range);
    if (instructions_ <= 0 || graph.blocks.empty()) {
        SpanDoubts all;
        for (const std::uint32_t r : map_.whole(range))
            all.spans.push_back({map_.ranges[r].start, map_.ranges[r].end, map_.ranges[range].start});
        std::sort(all.spans.begin(), all.spans.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
        out_.spans[range] = std::move(all);
        return;
    }
    std::vector<std::uint64_t>& branches = out_.branches[range];
    for (const std::uint32_t b : traced_[range].branches) branches.push_back(graph.last_of(graph.blocks[b]).address);
    SpanDoubts found = doubtful_blocks(graph, traced_[range].branches, search_);
    if (!found.spans.empty()) out_.spans[range] = std::move(found);
}

// Up, from callees to callers, with what is returned; down again with what is handed over.
void Doubter::follow() {
    while (instructions_ > 0 && !(now_.empty() && later_.empty())) {
        if (now_.empty()) now_.swap(later_), upwards_ = !upwards_;
        const auto next = upwards_ ? now_.begin() : std::prev(now_.end());
        at_rank_ = *next;
        now_.erase(next);
        const std::uint32_t range = by_rank_[at_rank_];
        traced_[range].queued = false;
        trace(range);
        guards_.trim();
    }
}

// From functions with code beyond the baseline to their callers, as long as they surely come to it. That is decided by
// what is known so far, which later may be more doubtful, never less: at worst a caller is looked into in vain.
void Doubter::look_above(std::vector<std::uint32_t> from) {
    for (const std::uint32_t owner : from) want(owner);
    for (const std::uint32_t owner : from) looked_at_[owner] = true;
    while (!from.empty()) {
        follow();
        std::set<std::uint32_t> above;
        for (const std::uint32_t owner : from) {
            if (leads_.leads(owner) || !leads_.look(owner, traced_[owner].branches, out_, search_)) continue;
            for (const std::uint32_t next : leads_.above(owner)) {
                if (!leads_.leads(next)) above.insert(next);
                if (looked_at_[next]) continue;
                looked_at_[next] = true;
                want(next);
            }
            guards_.trim();
        }
        from.assign(above.begin(), above.end());
    }
}

void Doubter::run() {
    by_rank_ = map_.callees_first();
    rank_.resize(by_rank_.size());
    for (std::uint32_t i = 0; i < by_rank_.size(); ++i) rank_[by_rank_[i]] = i;
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i)
        if (map_.leads_to_question[i] && map_.part_of[i] == i) want(i);
    if (const std::uint32_t r = map_.image.entry != 0 ? map_.range_at(map_.image.entry) : kNoRange; r != kNoRange)
        want(map_.part_of[r]);
    look_above(leads_.seeds());
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i)
        if (map_.leads_to_more[i] && map_.part_of[i] == i && (looked_at_[i] || instructions_ <= 0)) {
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
