// SPDX-License-Identifier: MIT
/// \file
/// \brief Where answers of the CPU go: followed through the functions that touch them, until nothing new is learnt.
///
/// Of each such function: under which features one comes to each of its blocks and to each call it makes; what it
/// returns; what it writes to memory of the file. All of it says "may": what is not understood stays open, as
/// kSomething (see formula.h).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "audit/code_map.h"
#include "audit/cpu_answers.h"
#include "audit/cpu_state.h"
#include "audit/flow_graph.h"

namespace lf::audit {

struct BlockReach {
    std::uint64_t start = 0, end = 0;
    std::uint32_t range = 0;
    Formula when = kFalse;
};

inline constexpr std::uint32_t kNoContext = 0xffffffff;

struct Lead {
    EdgeKind kind = EdgeKind::call;
    std::uint32_t block = 0;  ///< index into FunctionGuards::blocks
    Target target;
    Formula when = kFalse;
    std::uint64_t at = 0;                ///< of the instruction
    std::uint8_t answers = 0;            ///< of a call: arguments that the CPU has a say in, by place in kArguments
    std::uint32_t context = kNoContext;  ///< of a call: index into FunctionGuards::contexts
};

struct FunctionGuards {
    bool followed = false;   ///< else it was too large or took too long: nothing below is known
    bool cut = false;        ///< the CPU decides a branch in it, or which address it gives away
    bool hands_out = false;  ///< writes answers behind a pointer: addresses it gives away may lie beside their answer
    std::vector<BlockReach> blocks;  ///< [0] is the entry
    std::vector<Lead> leads;
    Value returned;
    Formula returns = kFalse;
    std::unordered_map<Variable, std::uint64_t> decided_at;  ///< the first instruction that asks for it
    std::vector<std::uint64_t> decided;                      ///< branches that the CPU decides, by address
    /// Functions as they are called from here with an answer among their arguments, where that decides in them.
    std::vector<std::unique_ptr<FunctionGuards>> contexts;
};

/// Bytes of the file's memory that answers of the CPU were written to.
class AnswerMemory {
  public:
    bool empty() const { return bytes_.empty(); }
    bool holds(std::uint64_t address, unsigned size) const;
    /// The byte as all writers together left it; nullptr = no answer.
    const Value* at(std::uint64_t address) const;
    bool add(Values& values, std::uint64_t address, const Value& byte, Formula when, const Value& initial);
    /// Others may write there, too: what was found and what will be may be anything.
    bool expose(Values& values, std::uint64_t address, std::uint64_t size);

  private:
    bool exposed(std::uint64_t address) const;
    std::map<std::uint64_t, Value> bytes_;
    std::map<std::uint64_t, std::uint64_t> exposed_;  // address → size
};

/// libgcc's own answers within this file; 0 = none.
struct GccModel {
    std::uint64_t model = 0, features2 = 0;
    std::uint32_t init = kNoRange;  ///< the code that fills them
};

class Guards {
  public:
    explicit Guards(const CodeMap& map);
    /// Follows everything that is worth it.
    void follow();
    /// nullptr = not a function that touches answers.
    const FunctionGuards* of(std::uint32_t range) const;
    Values& values() { return values_; }
    const CodeMap& map() const { return map_; }
    bool complete() const { return steps_left_ > 0; }
    /// Do we know all places of the file's memory that answers were written to?
    bool all_followed() const;

    // For the walk through one function (guards_walk.cc).
    AnswerMemory memory;
    bool lost = false;  ///< answers were written behind a pointer that we do not know
    /// Ranges that write answers behind a pointer of their caller's: only callers can tell where that is.
    std::unordered_set<std::uint32_t> writes_behind;
    std::vector<std::uint64_t> changed;  ///< addresses of the file whose answers grew
    GlibcLayout glibc;
    GccModel gcc;
    std::unordered_map<std::uint64_t, Variable> branches;  ///< address → its pair of variables
    std::map<std::vector<std::uint64_t>, Variable> once;   ///< the same, out of loops: calls that lead there, address
    std::int64_t steps_left_ = 4'000'000;                  ///< of all walks together
    std::size_t contexts_left = 10'000;                    ///< FunctionGuards::contexts of all functions together

    const FlowGraph& graph(std::uint32_t range);
    void trim();    ///< forgets graphs where they are many; nobody may hold one
    void forget();  ///< all of them
    /// General registers that a call of it may change, one bit each.
    std::uint16_t clobbers(std::uint32_t range, unsigned depth = 0);
    bool worth_following_into(std::uint32_t range, bool answers_given, std::size_t depth) const;
    /// A function that is not followed may write there; false = nothing new.
    bool expose(std::uint64_t address, std::uint64_t size);
    Value initial_byte(std::uint64_t address) const;
    bool settled(std::uint64_t address) const;     ///< read-only once the loader is done
    bool written_to(std::uint64_t address) const;  ///< may the program write there?

  private:
    void enqueue(std::uint32_t range);
    void enqueue_with_callers(std::uint32_t range);
    void enqueue_readers();
    void seed();

    const CodeMap& map_;
    Values values_;
    std::unordered_map<std::uint32_t, std::unique_ptr<FlowGraph>> graphs_;
    std::deque<std::uint32_t> kept_;      // of which ranges, the oldest first
    std::size_t graph_instructions_ = 0;  // of all of them
    std::unordered_map<std::uint32_t, std::uint16_t> clobbers_;
    std::unordered_map<std::uint32_t, FunctionGuards> done_;
    std::unordered_map<std::uint32_t, unsigned> times_;
    std::vector<std::uint32_t> queue_;
    std::vector<bool> queued_;
};

/// Does a register for arguments hold an answer, or point to the stack where some lie?
bool argument_from_cpu(const State& state);

/// Walks one function from its entry; what it leads to, returns and writes.
FunctionGuards walk_function(Guards& guards, std::uint32_t range);

GccModel gcc_model(const Guards& guards);

/// Finds where struct cpu_features lies by what the code of this file tests (see glibc_layout.cc).
GlibcLayout glibc_layout(const CodeMap& map);

}  // namespace lf::audit
