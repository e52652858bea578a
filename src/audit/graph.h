// SPDX-License-Identifier: MIT
/// \file
/// \brief Nodes and edges of a Program from what was scanned and followed.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
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
    // graph.cc
    void add_whole(std::uint32_t range);
    void add_doubtful(std::uint32_t range, const std::vector<DoubtfulSpan>& spans);
    void add_guarded(std::uint32_t range, const std::string& feature);
    bool of_libgcc(std::uint32_t range) const;
    void add_cut(std::uint32_t range, const FunctionGuards& found);
    void add_resolvers();
    void lead_from_range(std::uint32_t range);
    void lead_from_cut(std::uint32_t range, const FunctionGuards& found);
    Formula loaded_when(std::uint32_t resolver, std::uint32_t target, const FunctionGuards& found);
    void lead_from_resolver(std::uint32_t resolver);
    void add_edge(std::uint32_t from, std::uint32_t to, EdgeKind kind, std::uint32_t guards = 0);
    void add_edges(std::uint32_t from, std::uint32_t to, EdgeKind kind, Formula when, const FunctionGuards& found,
                   std::uint64_t doubt = 0);
    void add_reference(std::uint32_t from, std::uint32_t range, const Reference& reference);
    std::uint32_t unproved(std::uint64_t at) { return guard_set({{"", true, at}}); }
    std::uint64_t doubt_of_address(std::uint32_t from_range, std::uint64_t at, std::uint64_t function) const;
    bool swept(std::uint32_t node) const;
    std::uint32_t node_at(std::uint32_t range, std::uint64_t address) const;
    std::uint32_t node_of(const Target& target) const;  ///< kNoRange = none
    std::uint32_t new_node(std::uint64_t start, std::uint64_t end, std::uint32_t function);
    std::uint32_t guard_set(std::vector<Guard> guards);
    std::vector<IsaUse> uses_between(std::uint64_t start, std::uint64_t end) const;
    std::uint64_t decision(Formula when, const FunctionGuards& found, Variable variable) const;

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
    std::map<std::vector<std::pair<std::string, bool>>, std::uint32_t> sets_;
    std::vector<Object> objects_;      ///< by start
    std::vector<std::uint64_t> held_;  ///< sorted
};

}  // namespace lf::audit
