// SPDX-License-Identifier: MIT
// libgcc's __cpu_model and __cpu_features2, which __builtin_cpu_supports and target_clones read: by their symbols, or
// by the code that fills them, which every file that uses them holds a copy of.
#include <algorithm>
#include <vector>

#include "audit/guards.h"

namespace lf::audit {
namespace {

constexpr std::uint64_t kWord = 4, kModelSize = 16;

/// Places of writable data that a range refers to, in the order of its code.
std::vector<std::uint64_t> written(const Guards& guards, std::uint32_t range) {
    std::vector<std::uint64_t> out;
    for (const Reference& r : guards.map().ranges[range].references)
        if (r.kind == Reference::Kind::data && guards.written_to(r.target) && !guards.settled(r.target))
            out.push_back(r.target);
    return out;
}

bool within(std::uint64_t address, std::uint64_t start) { return address >= start && address - start < kModelSize; }

// __cpu_indicator_init looks at the vendor first, then fills vendor, type, subtype and features, one after the other.
void by_code(const Guards& guards, std::uint32_t range, GccModel& model) {
    const std::vector<std::uint64_t> places = written(guards, range);
    if (places.empty()) return;
    const std::uint64_t start = places.front();
    for (std::uint64_t at = start; at < start + kModelSize; at += kWord)
        if (std::find(places.begin(), places.end(), at) == places.end()) return;
    std::vector<std::uint64_t> others = places;
    std::vector<std::uint32_t> helpers = guards.map().parts[range];
    for (const Reference& r : guards.map().ranges[range].references)
        if (r.kind == Reference::Kind::call)
            if (const Target to = guards.map().of(r); to.kind == Target::Kind::range) helpers.push_back(to.range);
    for (const std::uint32_t helper : helpers) {
        const std::vector<std::uint64_t> more = written(guards, helper);
        others.insert(others.end(), more.begin(), more.end());
    }
    std::erase_if(others, [&](std::uint64_t at) { return within(at, start); });
    model.init = range;
    model.model = start;
    if (others.empty()) return;
    model.features2 = *std::min_element(others.begin(), others.end());
    // All the rest must be words of it: else this is other code.
    if (!std::all_of(others.begin(), others.end(), [&](std::uint64_t at) { return within(at, model.features2); }))
        model = {};
}

}  // namespace

GccModel gcc_model(const Guards& guards) {
    GccModel out;
    for (const auto* symbols : {&guards.map().image.symbols, &guards.map().image.dynamic_symbols})
        for (const elf::Symbol& symbol : *symbols) {
            if (!symbol.defined()) continue;
            if (symbol.name == "__cpu_model") out.model = symbol.value;
            if (symbol.name == "__cpu_features2") out.features2 = symbol.value;
            if (symbol.name == "__cpu_indicator_init") out.init = guards.map().range_at(symbol.value);
        }
    if (out.model != 0) return out;
    for (std::uint32_t i = 0; i < guards.map().ranges.size() && out.model == 0; ++i)
        if (guards.map().ranges[i].asks_cpu) by_code(guards, i, out);
    return out;
}

}  // namespace lf::audit
