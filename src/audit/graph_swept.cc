// SPDX-License-Identifier: MIT
// Code that no table cuts into functions is decoded in sequence, tables among it too (jump tables of other compilers):
// only what its beginning leads to is code for sure.
#include <utility>

#include "audit/graph.h"

namespace lf::audit {

SpanDoubts GraphBuilder::swept_spans(std::uint32_t range) {
    const CodeRange& r = map_.ranges[range];
    SpanDoubts out;
    if (program_.functions[r.function].range.source != elf::RangeSource::sweep || !r.interesting()) return out;
    const FlowGraph& graph = guards_.graph(range);
    std::vector<char> led_to(graph.blocks.size(), 0);
    std::vector<std::uint32_t> todo;
    const auto come = [&](std::uint32_t block) {
        if (block == kNoBlock || std::exchange(led_to[block], 1) != 0) return;
        todo.push_back(block);
    };
    if (!graph.blocks.empty()) come(0);
    bool jumps = false;
    while (!todo.empty()) {
        const FlowBlock& block = graph.blocks[todo.back()];
        todo.pop_back();
        come(block.next);
        come(block.taken);
        if (graph.last_of(block).flow != x86::Flow::indirect_jump) continue;
        for (const std::uint32_t to : std::exchange(jumps, true) ? std::vector<std::uint32_t>{} : graph.table_blocks)
            come(to);
    }
    for (std::uint32_t b = 0; b < graph.blocks.size(); ++b)
        if (led_to[b] == 0) out.spans.push_back({graph.blocks[b].start, graph.blocks[b].end, r.start});
    guards_.trim();
    return out;
}

}  // namespace lf::audit
