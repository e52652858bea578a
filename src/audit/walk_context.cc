// SPDX-License-Identifier: MIT
// What is written down of a function in the end: of its own, and as it is called with an answer among its arguments.
#include <algorithm>

#include "audit/walk.h"

namespace lf::audit {

/// Addresses of functions that a function mentions: what it may give away.
std::vector<std::uint64_t> mentioned(const CodeMap& map, std::uint32_t range) {
    std::vector<std::uint64_t> out;
    for (const std::uint32_t r : map.whole(range))
        for (const Reference& reference : map.ranges[r].references) {
            if (reference.kind != Reference::Kind::data) continue;
            const Target to = map.of(reference);
            if (to.kind == Target::Kind::range && to.address == map.ranges[to.range].start) out.push_back(to.address);
        }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

// What the CPU has a say in, of what a call hands over.
void Walk::note_call(const Target& target, const State& state) {
    if (recording_ == nullptr || recording_->out == nullptr) return;
    const std::size_t before = recording_->out->leads.size();
    note_lead(EdgeKind::call, target, state.reach);
    if (recording_->out->leads.size() == before) return;
    Lead& lead = recording_->out->leads.back();
    const bool stack = holds_answers(state);
    for (std::size_t i = 0; i < kArguments.size(); ++i) {
        const Value& v = state.registers[kArguments[i]];
        if (v.formulas != 0 || (stack && v.base == Base::stack)) lead.answers |= static_cast<std::uint8_t>(1U << i);
    }
}

std::unique_ptr<FunctionGuards> Walk::begin_context(const State& state) {
    if (recording_ == nullptr || recording_->out == nullptr || guards_.contexts_left == 0) return nullptr;
    if (!argument_from_cpu(state)) return nullptr;
    --guards_.contexts_left;
    return std::make_unique<FunctionGuards>();
}

// For the call that was written down last.
void Walk::note_context(std::unique_ptr<FunctionGuards> found) {
    auto& leads = recording_->out->leads;
    const auto call = std::find_if(leads.rbegin(), leads.rend(),
                                   [this](const Lead& lead) { return lead.kind == EdgeKind::call && lead.at == at_; });
    if (!found->cut || call == leads.rend()) return;
    call->context = static_cast<std::uint32_t>(recording_->out->contexts.size());
    recording_->out->contexts.push_back(std::move(found));
}

// `cut`: where the walk began it came under the first block's condition; what has another one is decided within.
void Walk::finish(FunctionGuards& out) const {
    out.followed = true;
    out.blocks.reserve(graph_.blocks.size());
    for (std::uint32_t b = 0; b < graph_.blocks.size(); ++b)
        out.blocks.push_back({graph_.blocks[b].start, graph_.blocks[b].end, graph_.blocks[b].range, reach(b)});
    std::sort(out.decided.begin(), out.decided.end());
    const Formula entry = out.blocks[0].when;
    const auto decided = [entry](Formula f) { return f > kTrue && f != entry; };
    out.cut = out.hands_out || !out.contexts.empty() ||
              std::any_of(out.blocks.begin(), out.blocks.end(), [&](const BlockReach& b) { return decided(b.when); }) ||
              std::any_of(out.leads.begin(), out.leads.end(), [&](const Lead& l) { return decided(l.when); });
}

FunctionGuards walk_function(Guards& guards, std::uint32_t range) {
    FunctionGuards out;
    Recording recording;
    recording.out = &out;
    recording.addresses = mentioned(guards.map(), range);
    Walk walk(guards, range, {});
    const auto left = walk.run(entry_state(), &recording);
    if (!left) return {};
    walk.finish(out);
    out.returned = guards.values().forget_branches(left->registers[kRax]);
    out.returns = guards.values().formulas().forget_branches(left->reach);
    return out;
}

}  // namespace lf::audit
