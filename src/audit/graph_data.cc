// SPDX-License-Identifier: MIT
// Data that holds addresses of functions, and where the graph begins.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "audit/graph.h"

namespace lf::audit {
namespace {

constexpr std::size_t kLongestRootName = 256;

// Pointers that the loader or a stub follows, and code refers to by name: no tables.
bool is_table(const elf::Section* section) {
    if (section == nullptr) return true;
    for (const std::string_view prefix : {".got", ".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors"})
        if (section->name.starts_with(prefix)) return false;
    return true;
}

std::string_view name_of(elf::LoadCall::Kind kind) {
    switch (kind) {
        case elf::LoadCall::Kind::ifunc_resolver: return "IFUNC resolver";
        case elf::LoadCall::Kind::preinit_array: return "preinit_array";
        case elf::LoadCall::Kind::init: return "_init";
        case elf::LoadCall::Kind::init_array: return "init_array";
        case elf::LoadCall::Kind::entry: return "entry";
        case elf::LoadCall::Kind::fini_array: return "fini_array";
        case elf::LoadCall::Kind::fini: return "_fini";
    }
    return "";
}

}  // namespace

std::uint32_t GraphBuilder::object_at(std::uint64_t address) const {
    auto after = std::upper_bound(objects_.begin(), objects_.end(), address,
                                  [](std::uint64_t a, const Object& o) { return a < o.start; });
    return after == objects_.begin() ? kNoRange : static_cast<std::uint32_t>(after - objects_.begin() - 1);
}

// An object begins where code or other data points, and goes on to the next one.
void GraphBuilder::find_objects() {
    std::vector<std::uint64_t> starts;
    for (const CodeRange& range : map_.ranges)
        for (const Reference& r : range.references)
            if (r.kind == Reference::Kind::data && map_.code.at(r.target) == nullptr) starts.push_back(r.target);
    std::vector<const Pointers::Slot*> slots;
    const elf::Section* section = nullptr;
    for (const Pointers::Slot& slot : map_.pointers.all()) {
        if (slot.to.kind != Pointed::Kind::address && slot.to.kind != Pointed::Kind::resolver) continue;
        if (section == nullptr || slot.slot < section->address || slot.slot - section->address >= section->size) {
            section = map_.image.section_at(slot.slot);
            if (section != nullptr) starts.push_back(section->address);
        }
        if (!is_table(section)) continue;
        slots.push_back(&slot);
        if (map_.code.at(slot.to.address) == nullptr) starts.push_back(slot.to.address);
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    std::size_t at = 0;
    for (const Pointers::Slot* slot : slots) {  // both in the order of addresses
        while (at + 1 < starts.size() && starts[at + 1] <= slot->slot) ++at;
        const std::uint64_t start = starts.empty() || starts[at] > slot->slot ? slot->slot : starts[at];
        if (objects_.empty() || objects_.back().start != start) objects_.push_back({start, kNoRange, false, {}});
        objects_.back().pointers.push_back(slot->slot);
    }
}

namespace {

// What ggml calls in a library that it is linked with (ggml_backend_registry of ggml-backend-reg.cpp, llama.cpp's
// common code); one that is loaded at run time exports ggml_backend_init instead.
void mark_linked_init(std::vector<Root>& roots) {
    constexpr std::string_view kLinked[] = {"ggml_backend_cpu_reg", "ggml_backend_cpu_init", "ggml_cpu_init"};
    const auto is_init = [](const Root& root) { return root.kind == Root::Kind::ggml_init; };
    if (std::any_of(roots.begin(), roots.end(), is_init)) return;
    for (Root& root : roots)
        if (root.kind == Root::Kind::exported &&
            std::find(std::begin(kLinked), std::end(kLinked), root.what) != std::end(kLinked))
            root.kind = Root::Kind::ggml_init;
}

}  // namespace

// long: who reads an object, what its pointers lead to, and what that means for the guards
void GraphBuilder::lead_through_objects() {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> readers;  // node, object
    for (std::uint32_t i = 0; i < map_.ranges.size(); ++i) {
        const FunctionGuards* found = guards_.of(map_.part_of[i]);
        const bool cut = found != nullptr && (found->cut || !found->followed);
        for (const Reference& r : map_.ranges[i].references) {
            if (r.kind != Reference::Kind::data) continue;
            const std::uint32_t o = object_at(r.target);
            if (o == kNoRange || objects_[o].start != r.target) continue;
            Object& object = objects_[o];
            object.read_by_cut = object.read_by_cut || cut;
            if (object.node == kNoRange) object.node = new_node(object.start, object.start, map_.ranges[i].function);
            readers.emplace_back(node_of_range_[i], object.node);
        }
    }
    for (const auto& [node, object] : readers) add_edge(node, object, EdgeKind::address_taken);
    for (Object& object : objects_)
        if (object.node == kNoRange) {
            std::uint32_t function = 0;
            for (const std::uint64_t slot : object.pointers)
                if (const Target to = map_.slot_target(slot); to.range != kNoRange)
                    function = map_.ranges[to.range].function;
            object.node = new_node(object.start, object.start, function);
        }
    // A table that holds the question beside the answer: {has_avx2, work_avx2}.
    for (Object& object : objects_)
        for (const std::uint64_t slot : object.pointers) {
            const Target to = map_.slot_target(slot);
            const FunctionGuards* found = to.range == kNoRange ? nullptr : guards_.of(to.range);
            if (found != nullptr && found->returned.formulas != 0) object.read_by_cut = true;
        }
    constexpr std::uint64_t kSameTable = 32;  // code that refers to its columns makes several objects of one table
    for (std::size_t o = 1; o < objects_.size(); ++o)
        if (objects_[o].start - objects_[o - 1].start <= kSameTable && objects_[o - 1].read_by_cut)
            objects_[o].read_by_cut = true;
    for (const Object& object : objects_) {
        const std::uint32_t guards = object.read_by_cut || doubts_.asks ? unproved(object.start) : 0;
        bool code = false;
        for (const std::uint64_t slot : object.pointers) {
            const Target to = map_.slot_target(slot);
            if (to.kind == Target::Kind::range || to.kind == Target::Kind::resolver) {
                if (to.address != map_.ranges[to.range].start) continue;
                add_edge(object.node, node_of(to), EdgeKind::address_taken, guards);
                code = true;
            } else if (const std::uint32_t other = object_at(map_.pointers.at(slot).address); other != kNoRange) {
                if (objects_[other].start == map_.pointers.at(slot).address)
                    add_edge(object.node, objects_[other].node, EdgeKind::address_taken);
            }
        }
        if (code && !map_.ranges.empty())
            program_.roots.push_back(
                {Root::Kind::exported, object.node, fmt::format("pointers at {:#x}", object.start), false});
    }
}

// Clang exports the versions of a function that it clones for targets ("sum.avx2.0" beside "sum"): only the resolver
// leads there.
bool GraphBuilder::is_clone(std::string_view name) const {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || dot == 0) return false;
    const std::string_view whole = name.substr(0, dot);
    return std::any_of(map_.image.dynamic_symbols.begin(), map_.image.dynamic_symbols.end(), [&](const elf::Symbol& s) {
        return s.type == elf::SymbolType::ifunc && s.name.substr(0, s.name.find('.')) == whole;
    });
}

// Inline functions of C++ are exported because they are in each object, kernels (libnettle, libyuv) because nobody hid
// them: in a file that asks the CPU and holds their addresses its own code chooses among them.
std::uint32_t GraphBuilder::beginning(std::uint32_t node, const elf::Symbol& symbol) {
    constexpr std::uint8_t kWeak = 2;
    if (!doubts_.asks || node == kNoRange) return node;
    if (symbol.binding != kWeak && !std::binary_search(held_.begin(), held_.end(), symbol.value)) return node;
    const std::uint32_t out = new_node(symbol.value, symbol.value, program_.nodes[node].function);
    add_edge(out, node, EdgeKind::call, unproved(symbol.value));
    return out;
}

/// Addresses of functions that code or tables of this file hold.
void GraphBuilder::find_held() {
    for (const CodeRange& range : map_.ranges)
        for (const Reference& r : range.references)
            if (r.kind == Reference::Kind::data)
                if (const Target to = map_.of(r); to.kind == Target::Kind::range) held_.push_back(to.address);
    for (const Object& object : objects_)
        for (const std::uint64_t slot : object.pointers) held_.push_back(map_.pointers.at(slot).address);
    std::sort(held_.begin(), held_.end());
}

void GraphBuilder::add_roots() {
    if (doubts_.asks) find_held();
    std::vector<Root> roots;
    std::size_t index = 0;
    elf::LoadCall::Kind before = elf::LoadCall::Kind::entry;
    for (const elf::LoadCall& call : map_.image.load_calls) {
        index = call.kind == before ? index + 1 : 0;
        before = call.kind;
        const bool entry = call.kind == elf::LoadCall::Kind::entry;
        if (entry && !map_.image.soname.empty()) continue;  // a library that may be run, too
        const std::uint32_t range = map_.range_at(call.address);
        if (range == kNoRange) continue;
        std::string what(name_of(call.kind));
        if (call.kind == elf::LoadCall::Kind::init_array || call.kind == elf::LoadCall::Kind::fini_array ||
            call.kind == elf::LoadCall::Kind::preinit_array)
            what += fmt::format("[{}]", index);
        // What a program's constructors write into pointers, its main function calls.
        roots.push_back({Root::Kind::load, node_of_range_[range], std::move(what), entry || map_.image.executable});
    }
    for (const elf::Symbol& symbol : map_.image.dynamic_symbols) {
        if (!symbol.exported()) continue;
        const std::uint32_t range = map_.range_at(symbol.value);
        if (range == kNoRange || symbol.type == elf::SymbolType::object) continue;
        const Target to = {symbol.type == elf::SymbolType::ifunc ? Target::Kind::resolver : Target::Kind::range, range,
                           symbol.value, symbol.name};
        Root::Kind kind = Root::Kind::exported;
        if (symbol.name == "ggml_backend_score") kind = Root::Kind::ggml_score;
        if (symbol.name == "ggml_backend_init") kind = Root::Kind::ggml_init;
        if (is_clone(symbol.name)) continue;
        // Nobody needs more of it to know it, and all symbols may share one name that is very long.
        roots.push_back(
            {kind, beginning(node_of(to), symbol), std::string(symbol.name.substr(0, kLongestRootName)), false});
    }
    roots.insert(roots.end(), std::make_move_iterator(program_.roots.begin()),
                 std::make_move_iterator(program_.roots.end()));
    program_.roots = std::move(roots);
    mark_linked_init(program_.roots);
}

}  // namespace lf::audit
