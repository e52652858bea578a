// SPDX-License-Identifier: MIT
// Functions in which the CPU decides: a node for each block, and what leads out of each.
#include <algorithm>

#include "audit/graph.h"

namespace lf::audit {

// The entry, and a node for each block behind what leads to it.
std::vector<std::uint32_t> GraphBuilder::cut_into(const FunctionGuards& found, const SpanDoubts& doubtful) {
    std::vector<std::uint32_t> nodes;
    nodes.reserve(found.blocks.size());
    for (std::size_t b = 0; b < found.blocks.size(); ++b) {
        const BlockReach& block = found.blocks[b];
        nodes.push_back(new_node(block.start, block.end, map_.ranges[block.range].function));
        Node& made = program_.nodes[nodes.back()];
        made.entry = b == 0;
        made.uses = uses_between(block.start, block.end);
        if (b != 0) add_edges(nodes[0], nodes[b], EdgeKind::flow, block.when, found, doubtful.at(block.start));
    }
    return nodes;
}

void GraphBuilder::add_cut(std::uint32_t range, const FunctionGuards& found) {
    std::vector<std::uint32_t> nodes = cut_into(found, doubts_.of(range));
    add_own_stops(range, found, nodes);
    node_of_range_[range] = nodes[0];
    for (const std::uint32_t part : map_.parts[range]) node_of_range_[part] = nodes[0];
    cut_nodes_[range] = std::move(nodes);
}

// A function that is called with an answer among its arguments, as it is called from there.
std::uint32_t GraphBuilder::node_of_call(const Lead& lead, const FunctionGuards& found) {
    const std::uint32_t usual = node_of(lead.target);
    if (lead.context == kNoContext || usual == kNoRange || usual != node_of_range_[lead.target.range]) return usual;
    const FunctionGuards& here = *found.contexts[lead.context];
    const std::uint32_t range = lead.target.range;
    const auto nodes = cut_into(here, doubts_.without(guards_, range, here.decided));
    add_own_stops(range, here, nodes);
    lead_from_cut(range, here, nodes, true);
    return nodes[0];
}

// `in_context`: of one call of it, whose arguments decide branches that else are doubtful.
void GraphBuilder::lead_from_cut(std::uint32_t range, const FunctionGuards& found,
                                 const std::vector<std::uint32_t>& nodes, bool in_context) {
    const CutIndex index = index_of(range, found);
    std::vector<std::uint32_t> given;  // ranges whose giving away was followed
    for (const Lead& lead : found.leads) {
        if (lead.kind == EdgeKind::address_taken) given.push_back(lead.target.range);
        const BlockReach& block = found.blocks[lead.block];
        Formula when = lead.when;
        if (lead.kind == EdgeKind::address_taken)
            when = guards_.values().formulas().both(when, index.loaded_when(lead.target.range));
        if (when == kFalse) continue;
        // The node stands behind the block's own guards already.
        const bool open = found.hands_out && lead.kind == EdgeKind::address_taken;
        const bool decided = in_context && std::binary_search(found.decided.begin(), found.decided.end(), lead.at);
        std::uint64_t doubt = !decided && doubts_.leaves(lead.at) ? lead.at : 0;
        if (lead.kind == EdgeKind::address_taken && lead.when == kTrue)
            doubt = doubt_of_address(range, block.start, lead.target.address);
        const std::uint32_t to = node_of_call(lead, found);
        if (open || doubt != 0) add_edge(nodes[lead.block], to, lead.kind, unproved(open ? block.start : doubt));
        else if (when == block.when) add_edge(nodes[lead.block], to, lead.kind);
        else add_edges(nodes[lead.block], to, lead.kind, when, found);
    }
    std::sort(given.begin(), given.end());
    for (const std::uint32_t r : map_.whole(range))
        for (const Reference& reference : map_.ranges[r].references) {
            if (reference.kind != Reference::Kind::data) continue;
            const Target to = map_.of(reference);
            if (to.range != kNoRange && std::binary_search(given.begin(), given.end(), to.range)) continue;
            const std::uint64_t at = map_.ranges[r].start + reference.from;
            const std::uint32_t b = index.block_at(found, at);
            if (b != kNoRange) add_reference(nodes[b], range, reference);
        }
}

}  // namespace lf::audit
