// SPDX-License-Identifier: MIT
#include "audit/doubt_leads.h"

#include <algorithm>
#include <utility>

#include "x86/decode.h"

namespace lf::audit {

SureLeads::SureLeads(const CodeMap& map, Guards& guards)
    : map_(map), guards_(guards), leads_(map.ranges.size(), false) {
    for (std::uint32_t i = 0; i < map.ranges.size(); ++i)
        if (const FunctionGuards* found = guards.of(i); found != nullptr) note_decided(*found);
}

void SureLeads::note_decided(const FunctionGuards& found) {
    for (const Lead& lead : found.leads) {
        if (lead.context == kNoContext) continue;
        const FunctionGuards& context = *found.contexts[lead.context];
        std::vector<std::uint64_t>& all = decided_[map_.part_of[lead.target.range]];
        all.insert(all.end(), context.decided.begin(), context.decided.end());
        note_decided(context);
    }
}

/// UD2 in a function in which the CPU decides: the program may stop itself there (own_stops.cc).
std::vector<std::uint64_t> SureLeads::stops(std::uint32_t owner) const {
    std::vector<std::uint64_t> out;
    const FunctionGuards* found = guards_.of(owner);
    if (found == nullptr || found->decided.empty()) return out;
    constexpr std::uint64_t kLength = 2;
    for (const BlockReach& block : found->blocks) {
        if (block.end - block.start < kLength) continue;
        if (is_ud2(map_.code.from(block.end - kLength, kLength))) out.push_back(block.end - kLength);
    }
    return out;
}

std::vector<std::uint32_t> SureLeads::seeds() const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i)
        if (map_.ranges[i].interesting() || !stops(i).empty()) out.push_back(map_.part_of[i]);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::vector<std::uint32_t> SureLeads::above(std::uint32_t owner) const {
    std::vector<std::uint32_t> out;
    const auto add = [&](std::uint32_t range) {
        const std::uint32_t other = map_.part_of[range];
        if (other != owner && map_.leads_to_more[other]) out.push_back(other);
    };
    for (const std::uint32_t r : map_.whole(owner)) {
        for (const auto* from : {&map_.callers[r], &map_.holders[r]})
            for (const std::uint32_t range : *from) add(range);
        if (r > 0 && map_.ranges[r - 1].falls_through) add(r - 1);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// The address within a function that leads to more; 0 = none.
std::uint64_t SureLeads::leads_to(const Reference& reference, std::uint32_t owner) const {
    Target to = map_.of(reference);
    const bool data = reference.kind == Reference::Kind::data;
    if (data && to.kind == Target::Kind::none) to = map_.slot_target(reference.target);
    if (to.range == kNoRange || (!data && to.kind != Target::Kind::range)) return 0;
    const std::uint32_t other = map_.part_of[to.range];
    return other != owner && leads_[other] ? to.address : 0;
}

/// Addresses of its instructions that are beyond the baseline, or lead there.
std::vector<std::uint64_t> SureLeads::places(std::uint32_t owner, const Doubts& doubts) const {
    std::vector<std::uint64_t> out = stops(owner), handed;
    for (const auto& [range, function] : doubts.handed_over)
        if (range == owner) handed.push_back(function);
    // Where the CPU decides which address is given away, that is not doubted.
    const FunctionGuards* found = guards_.of(owner);
    const bool cut = (found != nullptr && found->cut) || decided_.contains(owner);
    for (const std::uint32_t range : map_.whole(owner)) {
        const CodeRange& r = map_.ranges[range];
        for (const Reference& reference : r.references) {
            const std::uint64_t to = leads_to(reference, owner);
            const bool held = reference.kind == Reference::Kind::data && !cut;
            if (to != 0 && (!held || std::find(handed.begin(), handed.end(), to) != handed.end()))
                out.push_back(r.start + reference.from);
        }
        if (r.falls_through && range + 1 < map_.ranges.size() && leads_[map_.part_of[range + 1]])
            out.push_back(r.end - 1);
        if (!r.interesting()) continue;
        const elf::Bytes all = map_.code.from(r.start, r.end - r.start);
        for (std::size_t at = 0; at < all.size();) {
            const x86::Insn insn = x86::decode(all.subspan(at), r.start + at);
            if (x86::can_fault(insn.isa)) out.push_back(r.start + at);
            at += insn.length == 0 ? 1 : insn.length;
        }
    }
    return out;
}

bool SureLeads::look(std::uint32_t owner, const std::vector<std::uint32_t>& branches, const Doubts& doubts,
                     std::int64_t& search) {
    if (leads_[owner]) return true;
    const std::vector<std::uint64_t> wanted = places(owner, doubts);
    const FlowGraph& graph = guards_.graph(owner);
    if (wanted.empty() || graph.blocks.empty()) return false;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> starts;
    starts.reserve(graph.blocks.size());
    for (std::uint32_t b = 0; b < graph.blocks.size(); ++b) starts.emplace_back(graph.blocks[b].start, b);
    std::sort(starts.begin(), starts.end());
    std::vector<bool> among(graph.blocks.size(), false);
    for (const std::uint64_t address : wanted) {
        const auto after = std::upper_bound(starts.begin(), starts.end(), std::pair{address, kNoBlock});
        // What is in no block nobody comes to, as far as we know: it is not doubted.
        if (after == starts.begin() || address >= graph.blocks[std::prev(after)->second].end)
            return leads_[owner] = true;
        among[std::prev(after)->second] = true;
    }
    std::vector<std::uint32_t> left;
    const auto decided = decided_.find(owner);
    for (const std::uint32_t b : branches) {
        const std::uint64_t at = graph.last_of(graph.blocks[b]).address;
        if (decided == decided_.end() ||
            std::find(decided->second.begin(), decided->second.end(), at) == decided->second.end())
            left.push_back(b);
    }
    leads_[owner] = surely_comes_to_one(graph, left, among, search);
    return leads_[owner];
}

}  // namespace lf::audit
