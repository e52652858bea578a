// SPDX-License-Identifier: MIT
/// \file
/// \brief In a file that asks the CPU: which code is come to only where memory says so, that may hold an answer.
///
/// Guards (guards.h) follow answers as far as they can be followed. Answers also lie in structures behind pointers, in
/// objects that hold pointers to functions, in what callers hand over. So in such a file a branch that goes by memory
/// or by what was made of it may be a check of the CPU: what stands behind it is "cannot tell", with its address. What
/// goes by arguments of exported functions, by results of other files' functions or by constants is not.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "audit/guards.h"

namespace lf::audit {

/// Code behind such a branch.
struct DoubtfulSpan {
    std::uint64_t start = 0, end = 0;
    std::uint64_t at = 0;  ///< of the branch
};

/// Doubtful blocks of one function, by address.
struct SpanDoubts {
    std::vector<DoubtfulSpan> spans;
    /// The branch that stands before it; 0 = it is surely come to from its function's entry.
    std::uint64_t at(std::uint64_t address) const;
};

/// The blocks of `graph` that are not come to whichever way the blocks of `branches` go. `search`: blocks that may be
/// looked at for it; where it is used up all are doubtful.
SpanDoubts doubtful_blocks(const FlowGraph& graph, const std::vector<std::uint32_t>& branches, std::int64_t& search);

/// Is one of the blocks that are marked come to whichever way the blocks of `branches` go?
bool surely_comes_to_one(const FlowGraph& graph, const std::vector<std::uint32_t>& branches,
                         const std::vector<bool>& marked, std::int64_t& search);

struct Doubts {
    bool asks = false;  ///< the file asks the CPU for more than ggml's score; else all below is empty
    /// Owner (CodeMap::part_of) → its doubtful blocks, where there are any and where they matter: of functions above
    /// one whose ways to code beyond the baseline are all doubtful they do not.
    std::unordered_map<std::uint32_t, SpanDoubts> spans;
    /// Owner → addresses of the branches that may be checks; nothing = it was not followed to its end.
    std::unordered_map<std::uint32_t, std::vector<std::uint64_t>> branches;
    /// Range, function: its address goes straight into a function of another file (qsort, pthread_create), which calls
    /// it whatever the CPU is. Sorted.
    std::vector<std::pair<std::uint32_t, std::uint64_t>> handed_over;

    std::vector<std::uint64_t> leaving;  ///< such branches that lead out of their function, by address

    std::uint64_t at(std::uint32_t owner, std::uint64_t address) const { return of(owner).at(address); }
    const SpanDoubts& of(std::uint32_t owner) const;
    /// Of a call of it where these branches are decided. Sorted.
    SpanDoubts without(Guards& guards, std::uint32_t owner, const std::vector<std::uint64_t>& decided) const;
    bool leaves(std::uint64_t branch) const;
    bool hands_over(std::uint32_t range, std::uint64_t function) const;
};

Doubts find_doubts(const CodeMap& map, Guards& guards);

/// Does code of this file ask the CPU, or read what others asked, but for ggml_backend_score?
bool asks_cpu(const CodeMap& map, const Guards& guards);

/// Does it ask through libgcc's __cpu_model, its own or another file's?
bool asks_libgcc(const CodeMap& map, const Guards& guards);

}  // namespace lf::audit
