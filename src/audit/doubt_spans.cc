// SPDX-License-Identifier: MIT
// Which blocks stand behind doubtful branches, and looking it up.
#include <algorithm>

#include "audit/doubt.h"

namespace lf::audit {
namespace {

constexpr std::int64_t kSearchOfOne = 1'000'000;  // blocks that are looked at for one call of a function

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

/// What leads where, and of how many ways of each branch the entry has to be found.
struct Ways {
    std::vector<std::vector<std::uint32_t>> from;
    std::vector<unsigned> needed;
};

Ways ways_of(const FlowGraph& graph, const std::vector<std::uint32_t>& branches) {
    Ways out;
    out.from.resize(graph.blocks.size());
    out.needed.assign(graph.blocks.size(), 1);
    std::vector<bool> asks(graph.blocks.size(), false);
    for (const std::uint32_t b : branches) asks[b] = true;
    for (std::uint32_t b = 0; b < graph.blocks.size(); ++b) {
        const FlowBlock& block = graph.blocks[b];
        const FlowInsn& last = graph.last_of(block);
        std::vector<std::uint32_t> to = {block.next, block.taken};
        if (last.flow == x86::Flow::indirect_jump && last.target == 0)
            to.insert(to.end(), graph.table_blocks.begin(), graph.table_blocks.end());
        std::sort(to.begin(), to.end());
        to.erase(std::unique(to.begin(), to.end()), to.end());
        unsigned ways = 0;
        for (const std::uint32_t next : to) {
            if (next == kNoBlock) continue;
            out.from[next].push_back(b);
            if (graph.order[next] > graph.order[b]) ++ways;  // a way back ends some time
        }
        const bool leaves = last.flow == x86::Flow::conditional && block.taken == kNoBlock;
        if (asks[b]) out.needed[b] = std::max(ways + (leaves ? 1U : 0U), 1U);
    }
    return out;
}

}  // namespace

SpanDoubts doubtful_blocks(const FlowGraph& graph, const std::vector<std::uint32_t>& branches, std::int64_t& search) {
    SpanDoubts out;
    if (graph.blocks.empty() || (branches.empty() && graph.table_blocks.empty())) return out;
    const Ways ways = ways_of(graph, branches);
    for (std::uint32_t b = 1; b < graph.blocks.size(); ++b) {
        const FlowBlock& block = graph.blocks[b];
        std::uint64_t at = graph.blocks[0].start;
        search -= static_cast<std::int64_t>(graph.blocks.size() / 8 + 1);
        if (search > 0) {
            const std::vector<bool> sure = sure_ways_to(graph, ways.from, ways.needed, b);
            if (sure[0]) continue;
            // The last branch that decides: some of its ways lead here, and some do not.
            for (const std::uint32_t branch : branches) {
                const FlowBlock& asks = graph.blocks[branch];
                const bool leads =
                    (asks.next != kNoBlock && sure[asks.next]) || (asks.taken != kNoBlock && sure[asks.taken]);
                if (leads) at = graph.last_of(asks).address;
            }
        }
        out.spans.push_back({block.start, block.end, at});
    }
    std::sort(out.spans.begin(), out.spans.end(),
              [](const DoubtfulSpan& a, const DoubtfulSpan& b) { return a.start < b.start; });
    return out;
}

bool surely_comes_to_one(const FlowGraph& graph, const std::vector<std::uint32_t>& branches,
                         const std::vector<bool>& marked, std::int64_t& search) {
    if (graph.blocks.empty()) return false;
    if (marked[0] || (branches.empty() && graph.table_blocks.empty())) return true;
    const Ways ways = ways_of(graph, branches);
    for (std::uint32_t b = 1; b < graph.blocks.size(); ++b) {
        if (!marked[b]) continue;
        search -= static_cast<std::int64_t>(graph.blocks.size() / 8 + 1);
        if (search <= 0) return false;
        if (sure_ways_to(graph, ways.from, ways.needed, b)[0]) return true;
    }
    return false;
}

std::uint64_t SpanDoubts::at(std::uint64_t address) const {
    auto after = std::upper_bound(spans.begin(), spans.end(), address,
                                  [](std::uint64_t a, const DoubtfulSpan& s) { return a < s.start; });
    if (after == spans.begin()) return 0;
    --after;
    return address < after->end ? after->at : 0;
}

const SpanDoubts& Doubts::of(std::uint32_t owner) const {
    static const SpanDoubts kNone;
    const auto found = spans.find(owner);
    return found == spans.end() ? kNone : found->second;
}

SpanDoubts Doubts::without(Guards& guards, std::uint32_t owner, const std::vector<std::uint64_t>& decided) const {
    const auto known = branches.find(owner);
    if (known == branches.end()) return of(owner);
    const FlowGraph& graph = guards.graph(owner);
    std::vector<std::uint32_t> left;
    for (std::uint32_t b = 0; b < graph.blocks.size(); ++b) {
        const std::uint64_t at = graph.last_of(graph.blocks[b]).address;
        const bool doubtful = std::find(known->second.begin(), known->second.end(), at) != known->second.end();
        if (doubtful && !std::binary_search(decided.begin(), decided.end(), at)) left.push_back(b);
    }
    std::int64_t search = kSearchOfOne;
    return doubtful_blocks(graph, left, search);
}

bool Doubts::leaves(std::uint64_t branch) const { return std::binary_search(leaving.begin(), leaving.end(), branch); }

bool Doubts::hands_over(std::uint32_t range, std::uint64_t function) const {
    return std::binary_search(handed_over.begin(), handed_over.end(), std::pair{range, function});
}

}  // namespace lf::audit
