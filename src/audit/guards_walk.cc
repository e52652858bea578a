// SPDX-License-Identifier: MIT
// The walk itself: from block to block, into calls and back.
#include <algorithm>
#include <optional>

#include "audit/walk.h"

namespace lf::audit {
namespace {

using x86::Flow;

constexpr unsigned kVisitsExact = 6;  // of a block; afterwards what still changes is "something"
constexpr unsigned kVisits = 20;      // afterwards it is left as it is
constexpr std::size_t kNamed = 16;    // branches that are told apart on the way to one place

}  // namespace

void Walk::call(State& state, const Target& target) {
    for (const std::uint8_t r : kArguments) escaped(state.registers[r], state);
    note_call(target, state);
    if (target.kind == Target::Kind::import) {
        const Value returned = result_of_import(state, target.symbol);
        forget_given(state, target);
        return after_call(state, returned, kAllClobbered);
    }
    const bool whole = target.kind == Target::Kind::range && target.address == guards_.map().ranges[target.range].start;
    if (whole && std::find(above_.begin(), above_.end(), target.range) == above_.end() &&
        guards_.worth_following_into(target.range, argument_from_cpu(state) || points_to_answers(state),
                                     above_.size())) {
        Walk within(guards_, target.range, above_);
        within.steps_ = steps_ / 2;
        within.sites_ = sites_;
        within.sites_.push_back(at_);
        within.looped_ = looped_ || loop_here_;
        State entry = state;
        if (entry.registers[kRsp].base == Base::stack) entry.registers[kRsp].bits -= 8;
        std::unique_ptr<FunctionGuards> context = begin_context(state);
        Recording recording;  // else of memory only
        recording.out = context.get();
        if (context) recording.addresses = mentioned(guards_.map(), target.range);
        auto left = within.run(entry, remember_ ? &recording : nullptr);
        steps_ -= std::max<std::int64_t>(steps_ / 2 - within.steps_, 0);
        if (left) {
            if (context) {
                within.finish(*context);
                note_context(std::move(context));
            }
            const Value top = state.registers[kRsp];
            state = std::move(*left);
            state.registers[kRsp] = top;
            return;
        }
    }
    if (whole && guards_.writes_behind.contains(target.range)) guards_.lost = true;
    const FunctionGuards* known = whole ? guards_.of(target.range) : nullptr;
    const bool followed = known != nullptr && known->followed;
    forget_given(state, target);
    after_call(state, followed ? known->returned : Value{}, whole ? guards_.clobbers(target.range) : kAllClobbered);
    if (followed && known->returns != kFalse) state.reach = values_.formulas().both(state.reach, known->returns);
}

void Walk::give_back(const State& state, Formula when) {
    escaped(state.registers[kRax], state);
    join(values_, back_, state, when);
}

void Walk::give_back_of(const State& state, Formula when, const Target& tail) {
    State after = state;
    after.reach = when;
    call(after, tail);
    if (after.reach != kFalse) join(values_, back_, after, after.reach);
}

// ---- the walk -----------------------------------------------------------------------------------------------------

void Walk::go(std::uint32_t to, const State& state, Formula when) {
    if (to == kNoBlock || when == kFalse) return;
    if (visits_[to] > kVisits) return;
    State before;
    const bool late = visits_[to] > kVisitsExact;
    if (late) before = in_[to];
    steps_ -= 1 + static_cast<std::int64_t>(state.cells.size() / 16);
    if (!join(values_, in_[to], state, when, {graph_.blocks[to].live, graph_.blocks[to].flags_live})) return;
    steps_ -= 4;
    if (late) {
        for (std::size_t i = 0; i < before.registers.size(); ++i)
            if (in_[to].registers[i] != before.registers[i])
                in_[to].registers[i] = values_.blurred(in_[to].registers[i]);
    }
    todo_.emplace(graph_.order[to], to);
}

// A branch that depends on the CPU, and we cannot tell how, by its own name from here on.
Bit Walk::named(Bit bit, const FlowBlock& block, std::uint64_t address) {
    Formulas& f = values_.formulas();
    if (looped_ || block.in_loop) {
        const Variable pair =
            guards_.branches.emplace(address, kFirstBranch + 2 * static_cast<Variable>(guards_.branches.size()))
                .first->second;
        return {f.name_something(bit.one, f.variable(pair)), f.name_something(bit.zero, f.variable(pair + 1))};
    }
    std::vector<std::uint64_t> key = sites_;
    key.push_back(address);
    const Variable v =
        guards_.once.emplace(std::move(key), kFirstOnce + static_cast<Variable>(guards_.once.size())).first->second;
    return {f.name_something(bit.one, f.variable(v)), f.name_something(bit.zero, f.negated(v))};
}

// long: one case for each way in which a block ends
void Walk::leave(State& state, const FlowBlock& block, const FlowInsn& last) {
    switch (last.flow) {
        case Flow::conditional: {
            Bit bit = last.operation.op == x86::Op::conditional ? condition(values_, state, last.operation.condition)
                                                                : kAnyBit;
            Formulas& f = values_.formulas();
            const bool some = f.something(bit.one) || f.something(bit.zero);
            if (some && f.branches(state.reach) < kNamed) bit = named(bit, block, last.address);
            note_decision(bit, last.address);
            if (recording_ != nullptr && recording_->out != nullptr && Values::from_cpu(bit) &&
                f.both(bit.one, bit.zero) == kFalse)
                recording_->out->decided.push_back(last.address);
            const Formula taken = f.both(state.reach, bit.one);
            if (block.taken == kNoBlock) {
                const Target out = target_of(state, last);
                if (taken != kFalse) give_back_of(state, taken, out);
            }
            go(block.taken, state, taken);
            go(block.next, state, f.both(state.reach, bit.zero));
            break;
        }
        case Flow::jump:
            if (block.taken == kNoBlock) give_back_of(state, state.reach, target_of(state, last));
            go(block.taken, state, state.reach);
            break;
        case Flow::indirect_jump: {
            const Target out = target_of(state, last);
            if (out.kind != Target::Kind::none || graph_.table_blocks.empty()) give_back_of(state, state.reach, out);
            if (out.kind == Target::Kind::none)
                for (const std::uint32_t to : graph_.table_blocks) go(to, state, state.reach);
            break;
        }
        case Flow::ret: give_back(state, state.reach); break;
        case Flow::stop: break;
        default:
            if (block.next != kNoBlock) go(block.next, state, state.reach);
            else if (guards_.map().ranges[block.range].falls_through)
                give_back_of(state, state.reach, guards_.map().code_target(block.end));
    }
}

void Walk::visit(std::uint32_t b) {
    const FlowBlock& block = graph_.blocks[b];
    State state = in_[b];
    loop_here_ = block.in_loop;
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const FlowInsn& insn = graph_.instructions[block.first + i];
        at_ = insn.address;
        --steps_;
        const bool last = i + 1 == block.count;
        if (insn.flow == Flow::call || insn.flow == Flow::indirect_call) {
            const Target target = target_of(state, insn);
            if (last && block.next == kNoBlock && guards_.map().never_returns(target)) {
                note_lead(EdgeKind::call, target, state.reach);
                return;
            }
            call(state, target);
            if (state.reach == kFalse) return;
        } else if (insn.operation.op == x86::Op::cmov || insn.operation.op == x86::Op::set) {
            note_decision(condition(values_, state, insn.operation.condition), insn.address);
            step(values_, state, insn.operation, *this);
        } else {
            step(values_, state, insn.operation, *this);
        }
        if (last) leave(state, block, insn);
    }
}

void Walk::settle() {
    while (!todo_.empty() && steps_ > 0) {
        const std::uint32_t b = todo_.begin()->second;
        todo_.erase(todo_.begin());
        ++visits_[b];
        visit(b);
    }
}

State Walk::landing(const State& near, Formula when) const {
    State out;
    out.reach = when;
    out.registers[kRsp] = near.registers[kRsp];
    out.registers[kRbp] = near.registers[kRbp];
    return out;
}

// Blocks that no branch leads to: landing pads of exceptions, and targets of jumps whose table was not found.
void Walk::seed_unled() {
    Formula jumps = kFalse, all = kFalse;
    const State* near = nullptr;
    for (std::size_t b = 0; b < graph_.blocks.size(); ++b) {
        if (in_[b].reach == kFalse) continue;
        const FlowBlock& block = graph_.blocks[b];
        const FlowInsn& last = graph_.last_of(block);
        if (last.flow == Flow::indirect_jump && last.target == 0)
            jumps = values_.formulas().either(jumps, in_[b].reach), near = &in_[b];
        all = values_.formulas().either(all, in_[b].reach);
        if (near == nullptr) near = &in_[b];
    }
    const Formula when = jumps != kFalse ? jumps : all;
    if (when == kFalse || near == nullptr) return;
    const State state = landing(*near, when);
    for (std::uint32_t b = 1; b < graph_.blocks.size(); ++b)
        if (!graph_.blocks[b].led_to && in_[b].reach == kFalse) go(b, state, when);
}

std::optional<State> Walk::run(const State& entry, Recording* recording) {
    if (graph_.blocks.empty()) return std::nullopt;
    const std::int64_t before = steps_;
    in_.assign(graph_.blocks.size(), {});
    visits_.assign(graph_.blocks.size(), 0);
    back_ = {};
    go(0, entry, entry.reach);
    settle();
    seed_unled();
    settle();
    if (recording != nullptr) {
        recording_ = recording;
        remember_ = true;
        back_ = {};
        for (std::uint32_t b = 0; b < graph_.blocks.size(); ++b) {
            recording->block = b;
            if (in_[b].reach != kFalse) visit(b);
        }
        todo_.clear();
    }
    guards_.steps_left_ -= before - steps_;
    if (steps_ <= 0) return std::nullopt;
    return back_;
}

}  // namespace lf::audit
