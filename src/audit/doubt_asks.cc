// SPDX-License-Identifier: MIT
// Whether a file asks the CPU at all.
#include <algorithm>

#include "audit/doubt.h"

namespace lf::audit {
namespace {

std::vector<std::uint32_t> score_ranges(const CodeMap& map) {
    std::vector<std::uint32_t> out;
    std::vector<bool> seen(map.ranges.size(), false);
    const auto come = [&](std::uint32_t r) {
        if (r == kNoRange || seen[r]) return;
        seen[r] = true;
        out.push_back(r);
    };
    for (const elf::Symbol& s : map.image.dynamic_symbols)
        if (s.defined() && s.name == "ggml_backend_score") come(map.range_at(s.value));
    for (std::size_t at = 0; at < out.size(); ++at)
        for (const Reference& r : map.ranges[out[at]].references)
            if (r.kind != Reference::Kind::data) come(map.of(r).range);
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace

bool asks_cpu(const CodeMap& map, const Guards& guards) {
    if (guards.gcc.model != 0) return true;
    const std::vector<std::uint32_t> score = score_ranges(map);
    const auto of_score = [&](std::uint32_t r) { return std::binary_search(score.begin(), score.end(), r); };
    for (std::uint32_t i = 0; i < map.ranges.size(); ++i) {
        if (!map.ranges[i].asks_cpu) continue;
        const std::uint32_t owner = map.part_of[i];
        if (!of_score(owner) && !of_score(i)) return true;
        if (!std::all_of(map.callers[i].begin(), map.callers[i].end(), of_score)) return true;
    }
    bool jumps = false, catches = false;  // it may try an instruction, and catch SIGILL
    for (const Pointers::Slot& slot : map.pointers.all()) {
        if (slot.to.kind == Pointed::Kind::resolver) return true;
        if (slot.to.kind != Pointed::Kind::import) continue;
        if (cpu_object(slot.to.symbol) != CpuObject::none || cpu_query(slot.to.symbol) != CpuQuery::none) return true;
        if (slot.to.symbol.find("setjmp") != std::string_view::npos) jumps = true;
        if (slot.to.symbol == "sigaction" || slot.to.symbol == "signal") catches = true;
    }
    return jumps && catches;
}

bool asks_libgcc(const CodeMap& map, const Guards& guards) {
    const auto& slots = map.pointers.all();
    return guards.gcc.model != 0 || std::any_of(slots.begin(), slots.end(), [](const Pointers::Slot& slot) {
               const CpuObject object =
                   slot.to.kind == Pointed::Kind::import ? cpu_object(slot.to.symbol) : CpuObject::none;
               return object == CpuObject::gcc_cpu_model || object == CpuObject::gcc_cpu_features2;
           });
}

}  // namespace lf::audit
