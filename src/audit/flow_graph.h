// SPDX-License-Identifier: MIT
/// \file
/// \brief One function, with its cold parts, as basic blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "audit/code_map.h"
#include "x86/decode.h"
#include "x86/operands.h"

namespace lf::audit {

inline constexpr std::uint32_t kNoBlock = 0xffffffff;

inline constexpr std::uint32_t kNoTarget = 0xffffffff;

struct FlowInsn {
    std::uint64_t address = 0;
    x86::Operation operation;
    std::uint64_t target = 0;            ///< of direct flow; of the slot of indirect flow; 0 = another
    std::uint32_t leads_to = kNoTarget;  ///< index into FlowGraph::targets: what `target` stands for
    x86::Flow flow = x86::Flow::next;
};

struct FlowBlock {
    std::uint64_t start = 0, end = 0;
    std::uint32_t first = 0, count = 0;  ///< of FlowGraph::instructions
    std::uint32_t range = 0;
    std::uint32_t next = kNoBlock;   ///< where its last instruction does not jump
    std::uint32_t taken = kNoBlock;  ///< where it does; kNoBlock = out of the function
    bool in_loop = false;            ///< may be come to more than once
    bool led_to = false;             ///< some block of the function leads here
    bool calls = false;
    bool flags_live = true;       ///< flags at its start may be read
    std::uint16_t live = 0xffff;  ///< general registers that may be read from its start on, one bit each
};

struct FlowGraph {
    std::vector<FlowInsn> instructions;
    std::vector<FlowBlock> blocks;            ///< [0] is the entry
    std::vector<Target> targets;              ///< of calls, and of jumps out of the function
    std::vector<std::uint32_t> table_blocks;  ///< where jump tables lead
    std::vector<std::uint32_t> order;         ///< block → place in reverse postorder

    const FlowInsn& last_of(const FlowBlock& block) const { return instructions[block.first + block.count - 1]; }
    /// Blocks in reverse postorder.
    std::vector<std::uint32_t> by_order() const;
    /// What `insn.target`, which is not 0, stands for.
    Target target_of(const CodeMap& map, const FlowInsn& insn) const {
        return insn.leads_to == kNoTarget ? map.code_target(insn.target) : targets[insn.leads_to];
    }
};

/// More instructions than this are not followed (`instructions` stays empty): no compiler makes such functions.
inline constexpr std::size_t kFlowInstructions = 100000;

FlowGraph flow_graph(const CodeMap& map, std::uint32_t range);

}  // namespace lf::audit
