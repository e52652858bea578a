// SPDX-License-Identifier: MIT
/// \file
/// \brief Nodes and edges of a Program from what was scanned and followed.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "audit/doubt.h"
#include "audit/guards.h"
#include "audit/program.h"

namespace lf::audit {

/// Draws nodes, edges and roots into `program`, whose functions are there already.
class GraphBuilder {
  public:
    GraphBuilder(Program& program, const CodeMap& map, Guards& guards, const Doubts& doubts);
    void build();

  private:
    /// Of one function that was cut into blocks.
    struct CutIndex {
        std::vector<std::pair<std::uint64_t, std::uint32_t>> starts = {};  ///< block, by address
        std::unordered_map<std::uint32_t, Formula> loaded = {};            ///< range → when its address is loaded
        std::uint32_t block_at(const FunctionGuards& found, std::uint64_t address) const;
        Formula loaded_when(std::uint32_t range) const;
    };

    // graph.cc
    void add_whole(std::uint32_t range);
    void add_doubtful(std::uint32_t range, const std::vector<DoubtfulSpan>& spans);
    void add_guarded(std::uint32_t range, const std::string& feature);
    SpanDoubts swept_spans(std::uint32_t range);
    bool of_libgcc(std::uint32_t range) const;
    void add_resolvers();
    void lead_from_range(std::uint32_t range);
    void lead_from_resolver(std::uint32_t resolver);
    void add_edge(std::uint32_t from, std::uint32_t to, EdgeKind kind, std::uint32_t guards = 0);
    void add_edges(std::uint32_t from, std::uint32_t to, EdgeKind kind, Formula when, const FunctionGuards& found,
                   std::uint64_t doubt = 0);
    void add_reference(std::uint32_t from, std::uint32_t range, const Reference& reference);
    std::uint32_t unproved(std::uint64_t at);  ///< the set of one guard that nobody understood
    std::uint64_t doubt_of_address(std::uint32_t from_range, std::uint64_t at, std::uint64_t function) const;
    bool swept(std::uint32_t node) const;
    std::uint32_t node_at(std::uint32_t range, std::uint64_t address) const;
    std::uint32_t node_of(const Target& target) const;  ///< kNoRange = none
    std::uint32_t new_node(std::uint64_t start, std::uint64_t end, std::uint32_t function);
    std::uint32_t guard_set(std::vector<Guard> guards);
    std::vector<IsaUse> uses_between(std::uint64_t start, std::uint64_t end) const;
    std::uint64_t decision(Formula when, const FunctionGuards& found, Variable variable) const;

    // graph_cut.cc
    void add_cut(std::uint32_t range, const FunctionGuards& found);
    std::vector<std::uint32_t> cut_into(const FunctionGuards& found, const SpanDoubts& doubtful);
    void lead_from_cut(std::uint32_t range, const FunctionGuards& found, const std::vector<std::uint32_t>& nodes,
                       bool in_context);
    std::uint32_t node_of_call(const Lead& lead, const FunctionGuards& found);

    // own_stops.cc
    void add_own_stops(std::uint32_t range, const FunctionGuards& found, const std::vector<std::uint32_t>& nodes);

    // graph_index.cc
    CutIndex index_of(std::uint32_t range, const FunctionGuards& found);

    // graph_data.cc
    void find_objects();
    void lead_through_objects();
    void add_roots();
    void find_held();
    bool is_clone(std::string_view name) const;
    std::uint32_t beginning(std::uint32_t node, const elf::Symbol& symbol);
    std::uint32_t object_at(std::uint64_t address) const;

    struct Object {  ///< data that holds addresses of functions
        std::uint64_t start = 0;
        std::uint32_t node = kNoRange;
        bool read_by_cut = false;  ///< by code that the CPU decides on: it may choose among its pointers
        std::vector<std::uint64_t> pointers = {};
    };

    Program& program_;
    const CodeMap& map_;
    Guards& guards_;
    const Doubts& doubts_;
    std::vector<std::uint32_t> node_of_range_;
    std::unordered_map<std::uint32_t, std::uint32_t> resolvers_;  ///< range → node that stands for what it chooses
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> cut_nodes_;  ///< range → node of each block
    /// Range → where its doubtful blocks' node stands for each branch that stands before them.
    std::unordered_map<std::uint32_t, std::map<std::uint64_t, std::uint32_t>> doubtful_nodes_;
    std::unordered_map<std::uint32_t, SpanDoubts> swept_spans_;  ///< range → what of swept code nothing leads to
    std::unordered_map<std::uint64_t, std::uint32_t> unproved_;  ///< address → its set
    std::map<std::vector<std::pair<std::string, bool>>, std::uint32_t> sets_;
    std::vector<Object> objects_;      ///< by start
    std::vector<std::uint64_t> held_;  ///< sorted
};

}  // namespace lf::audit
