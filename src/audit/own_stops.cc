// SPDX-License-Identifier: MIT
// UD2 as a program's own answer to its check of the CPU: if (!__builtin_cpu_supports("avx2")) __builtin_trap().
// Compilers also put UD2 where nothing comes: behind a switch without a default, behind what cannot overflow. So only
// one counts that nothing but the CPU's answers lead to, without another branch between, and where a feature lacks.
#include <algorithm>
#include <set>

#include "audit/graph.h"
#include "facts/x86_features.h"

namespace lf::audit {
namespace {

constexpr std::size_t kAlternatives = 16;

/// Blocks that only branches lead to which the CPU decides.
std::vector<bool> behind_answers(const FlowGraph& graph, const FunctionGuards& found) {
    std::vector<bool> out(graph.blocks.size(), false), other(graph.blocks.size(), false);
    for (const FlowBlock& block : graph.blocks) {
        const FlowInsn& last = graph.last_of(block);
        const bool decides = std::binary_search(found.decided.begin(), found.decided.end(), last.address);
        for (const std::uint32_t to : {block.next, block.taken})
            if (to != kNoBlock) (decides ? out : other)[to] = true;
    }
    for (const std::uint32_t to : graph.table_blocks) other[to] = true;
    for (std::size_t b = 0; b < out.size(); ++b) out[b] = out[b] && !other[b];
    return out;
}

/// What has to lack for it, where in each case something has to; else nothing.
std::vector<std::string> wanted(Formulas& formulas, Formula when) {
    bool complete = true;
    std::set<std::string> out;
    for (const auto& alternative : formulas.alternatives(formulas.possibly(when), kAlternatives, complete)) {
        bool lacks = false;
        for (const Literal& l : alternative) {
            if (l.positive || l.variable >= facts::x86_features().size()) continue;
            out.emplace(facts::x86_features()[l.variable].name);
            lacks = true;
        }
        if (!lacks) return {};
    }
    if (!complete) return {};
    return {out.begin(), out.end()};
}

}  // namespace

void GraphBuilder::add_own_stops(std::uint32_t range, const FunctionGuards& found,
                                 const std::vector<std::uint32_t>& nodes) {
    const FlowGraph& graph = guards_.graph(range);
    if (graph.blocks.size() != found.blocks.size() || found.decided.empty()) return;
    const std::vector<bool> behind = behind_answers(graph, found);
    for (std::uint32_t b = 1; b < graph.blocks.size(); ++b) {
        const FlowBlock& block = graph.blocks[b];
        const std::uint64_t at = graph.last_of(block).address;
        if (!behind[b] || !is_ud2(map_.code.from(at, 2))) continue;
        std::vector<std::string> wants = wanted(guards_.values().formulas(), found.blocks[b].when);
        if (!wants.empty()) program_.own_stops.push_back({nodes[b], at, std::move(wants)});
    }
}

}  // namespace lf::audit
