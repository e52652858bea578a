// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include "audit/audit_file.h"

namespace lf::audit {
namespace {

Level level_of(Stage stage) {
    constexpr Level kLevels[] = {Level::load, Level::score, Level::init, Level::use};
    return kLevels[static_cast<std::size_t>(stage)];
}

/// Functions that something leads to, all guards open.
std::vector<bool> led_to(const Program& program) {
    std::vector<bool> node_seen(program.nodes.size()), out(program.functions.size());
    std::vector<std::uint32_t> open;
    open.reserve(program.roots.size());
    const auto go = [&](std::uint32_t node) {
        if (node >= node_seen.size() || node_seen[node]) return;
        node_seen[node] = true;
        open.push_back(node);
        if (program.nodes[node].function < out.size()) out[program.nodes[node].function] = true;
    };
    for (const Root& root : program.roots) go(root.node);
    while (!open.empty()) {
        const std::uint32_t node = open.back();
        open.pop_back();
        for (const Edge& edge : program.nodes[node].edges) go(edge.to);
    }
    return out;
}

}  // namespace

std::vector<Level> function_levels(const Program& program) {
    std::vector<Level> out(program.functions.size(), Level::baseline);
    const std::vector<bool> seen = led_to(program);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto& uses = program.functions[i].uses;
        if (std::any_of(uses.begin(), uses.end(), [](const IsaUse& use) { return x86::can_fault(use.isa); }))
            out[i] = seen[i] ? Level::guarded : Level::not_reached;
    }
    // The later ones are overwritten by the more urgent ones: unproved first, then from use to load.
    const auto stages = reach(program, {});
    for (const StageResult& stage : stages)
        for (const Fault& fault : stage.faults)
            if (fault.reach != Reach::yes && fault.function < out.size()) out[fault.function] = Level::unproved;
    for (std::size_t i = stages.size(); i-- > 0;)
        for (const Fault& fault : stages[i].faults)
            if (fault.reach == Reach::yes && fault.function < out.size()) out[fault.function] = level_of(kStages[i]);
    return out;
}

}  // namespace lf::audit
