// SPDX-License-Identifier: MIT
// Of a function that was cut into blocks: which block an address lies in, and when the address of a function is loaded.
#include <algorithm>
#include <utility>

#include "audit/graph.h"

namespace lf::audit {

std::uint32_t GraphBuilder::CutIndex::block_at(const FunctionGuards& found, std::uint64_t address) const {
    auto after = std::upper_bound(starts.begin(), starts.end(), std::pair{address, kNoRange});
    if (after == starts.begin()) return kNoRange;
    --after;
    return address < found.blocks[after->second].end ? after->second : kNoRange;
}

// Made once for each that is drawn: functions that choose among kernels hold thousands of addresses.
GraphBuilder::CutIndex GraphBuilder::index_of(std::uint32_t range, const FunctionGuards& found) {
    CutIndex out;
    out.starts.reserve(found.blocks.size());
    for (std::uint32_t b = 0; b < found.blocks.size(); ++b) out.starts.emplace_back(found.blocks[b].start, b);
    std::sort(out.starts.begin(), out.starts.end());
    for (const Reference& reference : map_.ranges[range].references) {
        if (reference.kind != Reference::Kind::data) continue;
        const Target to = map_.of(reference);
        const std::uint32_t b = out.block_at(found, map_.ranges[range].start + reference.from);
        if (to.range == kNoRange || b == kNoRange) continue;
        Formula& when = out.loaded.emplace(to.range, kFalse).first->second;
        when = guards_.values().formulas().either(when, found.blocks[b].when);
    }
    return out;
}

// Addresses are followed bit by bit, and two of them mixed may look like a third: one is given away only where the
// code was come to that loads it.
Formula GraphBuilder::CutIndex::loaded_when(std::uint32_t range) const {
    const auto at = loaded.find(range);
    return at == loaded.end() ? kTrue : at->second;
}

}  // namespace lf::audit
