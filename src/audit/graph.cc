// SPDX-License-Identifier: MIT
#include "audit/graph.h"

#include <algorithm>
#include <utility>

#include "facts/x86_features.h"
#include "x86/decode.h"

namespace lf::audit {
namespace {

constexpr std::size_t kAlternatives = 16;  // of one edge; more are "something that depends on the CPU"

}  // namespace

GraphBuilder::GraphBuilder(Program& program, const CodeMap& map, Guards& guards, const Doubts& doubts)
    : program_(program), map_(map), guards_(guards), doubts_(doubts), node_of_range_(map.ranges.size(), kNoRange) {
    program_.guard_sets.assign(1, {});
}

std::uint32_t GraphBuilder::new_node(std::uint64_t start, std::uint64_t end, std::uint32_t function) {
    program_.nodes.push_back({start, end, function, {}, {}, false});
    return static_cast<std::uint32_t>(program_.nodes.size() - 1);
}

// Most sets by far, and so without a key of texts.
std::uint32_t GraphBuilder::unproved(std::uint64_t at) {
    const auto [found, fresh] = unproved_.emplace(at, static_cast<std::uint32_t>(program_.guard_sets.size()));
    if (fresh) program_.guard_sets.push_back({{"", true, at}});
    return found->second;
}

std::uint32_t GraphBuilder::guard_set(std::vector<Guard> guards) {
    if (guards.empty()) return 0;
    if (guards.size() == 1 && guards[0].feature.empty() && guards[0].present) return unproved(guards[0].at);
    std::sort(guards.begin(), guards.end(), [](const Guard& a, const Guard& b) {
        return a.feature != b.feature ? a.feature < b.feature : a.at < b.at;
    });
    std::vector<std::pair<std::string, bool>> key;
    key.reserve(guards.size());
    for (const Guard& g : guards) key.emplace_back(g.feature + '@' + std::to_string(g.at), g.present);
    const auto [at, fresh] = sets_.emplace(std::move(key), static_cast<std::uint32_t>(program_.guard_sets.size()));
    if (fresh) program_.guard_sets.push_back(std::move(guards));
    return at->second;
}

void GraphBuilder::add_edge(std::uint32_t from, std::uint32_t to, EdgeKind kind, std::uint32_t guards) {
    if (from == kNoRange || to == kNoRange || from == to) return;
    // What bytes that may be data lead to is not sure.
    if (guards == 0 && swept(from)) guards = unproved(program_.nodes[from].start);
    program_.nodes[from].edges.push_back({to, kind, guards});
}

/// Code that neither frames nor symbols cover, in a file that has frames.
bool GraphBuilder::swept(std::uint32_t node) const {
    return program_.bytes.eh_frame != 0 &&
           program_.functions[program_.nodes[node].function].range.source == elf::RangeSource::sweep;
}

/// Who holds an address may choose among several, by the CPU: but for what is handed to another file's function, and
/// for what the entry hands over. 0 = sure.
std::uint64_t GraphBuilder::doubt_of_address(std::uint32_t range, std::uint64_t at, std::uint64_t function) const {
    return doubts_.asks && !doubts_.hands_over(map_.part_of[range], function) ? at : 0;
}

std::uint32_t GraphBuilder::node_at(std::uint32_t range, std::uint64_t address) const {
    if (const auto found = doubtful_nodes_.find(range); found != doubtful_nodes_.end()) {
        const auto swept = swept_spans_.find(range);
        const std::uint64_t at =
            swept != swept_spans_.end() ? swept->second.at(address) : doubts_.at(map_.part_of[range], address);
        if (const auto node = found->second.find(at); node != found->second.end()) return node->second;
    }
    const auto body = cut_nodes_.find(range);
    return body != cut_nodes_.end() ? body->second[1] : node_of_range_[range];
}

std::uint64_t GraphBuilder::decision(Formula when, const FunctionGuards& found, Variable variable) const {
    if (const auto at = found.decided_at.find(variable); at != found.decided_at.end()) return at->second;
    for (const Variable v : guards_.values().formulas().support(when))
        if (const auto at = found.decided_at.find(v); at != found.decided_at.end() && v >= kFirstBranch)
            return at->second;
    return found.blocks.empty() ? 0 : found.blocks[0].start;
}

void GraphBuilder::add_edges(std::uint32_t from, std::uint32_t to, EdgeKind kind, Formula when,
                             const FunctionGuards& found, std::uint64_t doubt) {
    Formulas& f = guards_.values().formulas();
    const Formula sure = f.surely(when), may = f.possibly(when);
    const auto add = [&](Formula alternatives_of, bool proved) {
        bool complete = true;
        auto alternatives = f.alternatives(alternatives_of, kAlternatives, complete);
        if (!complete) {
            alternatives.assign(1, {});
            proved = false;
        }
        for (const std::vector<Literal>& literals : alternatives) {
            std::vector<Guard> guards;
            guards.reserve(literals.size() + 1);
            for (const Literal& l : literals) {
                if (l.variable >= facts::x86_features().size()) {
                    proved = false;
                    continue;
                }
                guards.push_back({std::string(facts::x86_features()[l.variable].name), l.positive,
                                  decision(when, found, l.variable)});
            }
            if (!proved) guards.push_back({"", true, decision(when, found, kSomething)});
            else if (doubt != 0) guards.push_back({"", true, doubt});
            add_edge(from, to, kind, guard_set(std::move(guards)));
        }
    };
    if (sure != kFalse) add(sure, true);
    if (may != sure) add(may, false);
}

std::vector<IsaUse> GraphBuilder::uses_between(std::uint64_t start, std::uint64_t end) const {
    std::vector<IsaUse> out;
    const elf::Bytes all = map_.code.from(start, end - start);
    for (std::size_t at = 0; at < all.size();) {
        const x86::Insn insn = x86::decode(all.subspan(at), start + at);
        if (x86::can_fault(insn.isa)) {
            const auto same = std::find_if(out.begin(), out.end(), [&](const IsaUse& u) { return u.isa == insn.isa; });
            if (same == out.end()) out.push_back({insn.isa, 1, start + at});
            else ++same->count;
        }
        at += insn.length == 0 ? 1 : insn.length;
    }
    return out;
}

void GraphBuilder::add_whole(std::uint32_t range) {
    const CodeRange& r = map_.ranges[range];
    const std::uint32_t node = new_node(r.start, r.end, r.function);
    Node& made = program_.nodes[node];
    made.entry = true;
    for (const IsaUse& use : r.uses)
        if (x86::can_fault(use.isa)) made.uses.push_back(use);
    node_of_range_[range] = node;
}

// What is surely come to, and what stands behind branches that may be checks: a node for each such branch.
void GraphBuilder::add_doubtful(std::uint32_t range, const std::vector<DoubtfulSpan>& spans) {
    const CodeRange& r = map_.ranges[range];
    const std::uint32_t entry = new_node(r.start, r.end, r.function);
    program_.nodes[entry].entry = true;
    node_of_range_[range] = entry;
    std::map<std::uint64_t, std::uint32_t> nodes;
    const auto use = [&](std::uint32_t node, std::uint64_t start, std::uint64_t end) {
        add_uses(program_.nodes[node].uses, uses_between(start, end));
    };
    std::uint64_t done = r.start;
    for (const DoubtfulSpan& span : spans) {
        if (span.start < done || span.end > r.end) continue;
        const auto [at, fresh] = nodes.emplace(span.at, kNoRange);
        if (fresh) {
            at->second = new_node(span.start, span.end, r.function);
            add_edge(entry, at->second, EdgeKind::flow, unproved(span.at));
        }
        use(entry, done, span.start);
        use(at->second, span.start, span.end);
        done = span.end;
    }
    use(entry, done, r.end);
    if (!nodes.empty()) doubtful_nodes_[range] = std::move(nodes);
}

// The entry, and a body behind one guard: one that nobody understood, or what is known of libgcc's code.
void GraphBuilder::add_guarded(std::uint32_t range, const std::string& feature) {
    const CodeRange& r = map_.ranges[range];
    const std::uint32_t entry = new_node(r.start, r.start, r.function);
    program_.nodes[entry].entry = true;
    add_whole(range);
    const std::uint32_t body = node_of_range_[range];
    program_.nodes[body].entry = false;
    add_edge(entry, body, EdgeKind::flow, guard_set({{feature, true, r.start}}));
    cut_nodes_[range] = {entry, body};
    node_of_range_[range] = entry;
}

// A node that stands for what a resolver chose: who calls the function goes there, and on to what may be chosen.
void GraphBuilder::add_resolvers() {
    std::vector<std::uint32_t> found;
    for (const Pointers::Slot& slot : map_.pointers.all())
        if (slot.to.kind == Pointed::Kind::resolver) found.push_back(map_.range_at(slot.to.address));
    for (const auto* symbols : {&map_.image.dynamic_symbols, &map_.image.symbols})
        for (const elf::Symbol& s : *symbols)
            if (s.defined() && s.type == elf::SymbolType::ifunc) found.push_back(map_.range_at(s.value));
    for (const std::uint32_t range : found) {
        if (range == kNoRange || resolvers_.contains(range)) continue;
        const CodeRange& r = map_.ranges[range];
        resolvers_[range] = new_node(r.start, r.start, r.function);
    }
}

std::uint32_t GraphBuilder::node_of(const Target& target) const {
    if (target.range == kNoRange) return kNoRange;
    if (const auto chosen = resolvers_.find(target.range); chosen != resolvers_.end()) {
        if (target.kind == Target::Kind::resolver || target.address == map_.ranges[target.range].start)
            return chosen->second;
    }
    return target.kind == Target::Kind::range || target.kind == Target::Kind::resolver ? node_of_range_[target.range]
                                                                                       : kNoRange;
}

void GraphBuilder::add_reference(std::uint32_t from, std::uint32_t range, const Reference& reference) {
    const Target to = map_.of(reference);
    if (to.range == range && to.kind == Target::Kind::range && reference.kind != Reference::Kind::call) return;
    if (reference.kind == Reference::Kind::data) {
        // An address within a function is a label of its own: a table of jumps, a place of data.
        if (to.kind == Target::Kind::range && to.address != map_.ranges[to.range].start) return;
        // Between functions lie tables too: what only an address leads to there may be data.
        const bool maybe_data =
            to.kind == Target::Kind::range &&
            program_.functions[map_.ranges[to.range].function].range.source == elf::RangeSource::sweep;
        const std::uint64_t doubt =
            maybe_data ? map_.ranges[to.range].start
                       : doubt_of_address(range, map_.ranges[range].start + reference.from, to.address);
        add_edge(from, node_of(to), EdgeKind::address_taken, doubt != 0 ? unproved(doubt) : 0);
        return;
    }
    const std::uint64_t at = map_.ranges[range].start + reference.from;
    const bool doubtful = reference.kind == Reference::Kind::conditional && doubts_.leaves(at);
    add_edge(from, node_of(to), EdgeKind::call, doubtful ? unproved(at) : 0);
}

void GraphBuilder::lead_from_range(std::uint32_t range) {
    const CodeRange& r = map_.ranges[range];
    for (const Reference& reference : r.references)
        add_reference(node_at(range, r.start + reference.from), range, reference);
    const bool cut_anywhere = program_.functions[r.function].range.source != elf::RangeSource::eh_frame;
    if (cut_anywhere && r.falls_through && range + 1 < map_.ranges.size() && map_.ranges[range + 1].start == r.end)
        add_edge(node_at(range, r.end - 1), node_of_range_[range + 1], EdgeKind::flow);
}

void GraphBuilder::lead_from_resolver(std::uint32_t resolver) {
    const std::uint32_t node = resolvers_.at(resolver);
    const FunctionGuards* found = guards_.of(resolver);
    std::vector<std::uint32_t> given;
    if (found != nullptr && found->followed) {
        const CutIndex index = index_of(resolver, *found);
        for (const Lead& lead : found->leads) {
            if (lead.kind != EdgeKind::address_taken) continue;
            given.push_back(lead.target.range);
            const Formula loaded = index.loaded_when(lead.target.range);
            const Formula when = guards_.values().formulas().both(lead.when, loaded);
            if (when != kFalse) add_edges(node, node_of_range_[lead.target.range], EdgeKind::ifunc, when, *found);
        }
    }
    std::sort(given.begin(), given.end());
    const std::uint32_t behind = unproved(map_.ranges[resolver].start);
    for (const Reference& reference : map_.ranges[resolver].references) {
        const Target to = map_.of(reference);
        if (reference.kind != Reference::Kind::data || to.kind != Target::Kind::range) continue;
        if (std::binary_search(given.begin(), given.end(), to.range)) continue;
        if (to.address != map_.ranges[to.range].start) continue;
        add_edge(node, node_of_range_[to.range], EdgeKind::ifunc, behind);
    }
}

// A helper of __cpu_indicator_init: get_available_features, which asks the CPU, and has no other caller.
bool GraphBuilder::of_libgcc(std::uint32_t range) const {
    const std::vector<std::uint32_t>& callers = map_.callers[range];
    return guards_.gcc.init != kNoRange && map_.ranges[range].asks_cpu && callers.size() == 1 &&
           map_.part_of[callers[0]] == guards_.gcc.init;
}

void GraphBuilder::build() {
    const std::uint32_t count = static_cast<std::uint32_t>(map_.ranges.size());
    for (std::uint32_t i = 0; i < count; ++i) {
        if (node_of_range_[i] != kNoRange) continue;
        const std::uint32_t owner = map_.part_of[i];
        const FunctionGuards* found = guards_.of(owner);
        if (found != nullptr && found->followed && found->cut && !of_libgcc(owner)) {
            if (node_of_range_[owner] == kNoRange) add_cut(owner, *found);
        } else if (i == guards_.gcc.init || of_libgcc(i)) {
            add_guarded(i, "xsave");  // it asks XGETBV where OSXSAVE is set, by way of an argument
        } else if (found != nullptr && !found->followed && i == owner) {
            add_guarded(i, "");
        } else if (const auto doubtful = doubts_.spans.find(owner); doubtful != doubts_.spans.end()) {
            add_doubtful(i, doubtful->second.spans);
        } else if (SpanDoubts apart = swept_spans(i); !apart.spans.empty()) {
            add_doubtful(i, apart.spans);
            swept_spans_[i] = std::move(apart);
        } else {
            add_whole(i);
        }
    }
    add_resolvers();
    find_objects();
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t owner = map_.part_of[i];
        const FunctionGuards* found = guards_.of(owner);
        if (found != nullptr && found->followed && found->cut && !of_libgcc(owner)) {
            if (i == owner) lead_from_cut(i, *found, cut_nodes_.at(i), false);
        } else {
            lead_from_range(i);
        }
    }
    for (const auto& [range, node] : resolvers_) lead_from_resolver(range);
    lead_through_objects();
    add_roots();
    for (Node& node : program_.nodes) {
        std::sort(node.edges.begin(), node.edges.end(), [](const Edge& a, const Edge& b) {
            return std::tie(a.to, a.kind, a.guards) < std::tie(b.to, b.kind, b.guards);
        });
        const auto same = [](const Edge& a, const Edge& b) {
            return a.to == b.to && a.kind == b.kind && a.guards == b.guards;
        };
        node.edges.erase(std::unique(node.edges.begin(), node.edges.end(), same), node.edges.end());
    }
}

Program analyse(const elf::Image& image) {
    Program program;
    const CodeMap map(image, program);
    Guards guards(map);
    const bool more = std::any_of(map.leads_to_more.begin(), map.leads_to_more.end(), [](bool b) { return b; });
    if (more) guards.follow();
    if (!guards.complete())
        program.notes.emplace_back(
            "what the CPU answers was not followed to its end: there is too much code that asks");
    constexpr std::size_t kForTheGraph = 1 << 20;  // what it asks must have an answer, however much was followed
    guards.values().formulas().allow(kForTheGraph);
    const Doubts doubts = more ? find_doubts(map, guards) : Doubts{};
    guards.forget();  // what is drawn now needs few of them
    GraphBuilder(program, map, guards, doubts).build();
    program.asks_libgcc = asks_libgcc(map, guards);
    return program;
}

}  // namespace lf::audit
