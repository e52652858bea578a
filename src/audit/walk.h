// SPDX-License-Identifier: MIT
/// \file
/// \brief One function, walked until nothing changes: states at its blocks, joined over all ways.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/guards.h"

namespace lf::audit {

inline constexpr std::int64_t kStepsOfOne = 400'000;

/// What is written down of a function, at last.
struct Recording {
    FunctionGuards* out = nullptr;         ///< nullptr: of a function within; only memory is written down
    std::vector<std::uint64_t> addresses;  ///< of functions that it may give away
    std::uint32_t block = 0;
};

/// Addresses of functions that a function mentions: what it may give away.
std::vector<std::uint64_t> mentioned(const CodeMap& map, std::uint32_t range);

class Walk : public Outside {
  public:
    Walk(Guards& guards, std::uint32_t range, std::vector<std::uint32_t> above)
        : guards_(guards), values_(guards.values()), graph_(guards.graph(range)), above_(std::move(above)) {
        above_.push_back(range);
    }

    /// The state at its returns; reach = kFalse: it does not return. nullopt: not to be followed.
    std::optional<State> run(const State& entry, Recording* recording);

    Formula reach(std::uint32_t block) const { return in_[block].reach; }

    Value load_file(std::uint64_t address, unsigned size) override;
    Value load_object(std::uint64_t object, std::int64_t offset, unsigned size) override;
    bool cpu_near(std::uint64_t address) override { return guards_.memory.holds(address, 64); }
    void stored(const Place& place, const Value& value, unsigned size, const State& state) override;
    void overwritten(const Place& place, std::int64_t size, State& state) override;
    void escaped(const Value& value, const State& state) override;

  private:
    Bit named(Bit bit, const FlowBlock& block, std::uint64_t address);
    bool names_feature(const Value& value);
    void settle();
    void visit(std::uint32_t block);
    void seed_unled();
    void leave(State& state, const FlowBlock& block, const FlowInsn& last);
    void go(std::uint32_t to, const State& state, Formula when);
    void call(State& state, const Target& target);
    void note_lead(EdgeKind kind, const Target& target, Formula when);
    std::vector<std::int64_t> stack_given(const State& state) const;
    void forget_given(State& state, const Target& target);
    void expose(std::uint64_t address, std::uint64_t size);
    bool points_to_answers(const State& state) const;
    void note_call(const Target& target, const State& state);
    void note_context(std::unique_ptr<FunctionGuards> found);
    std::unique_ptr<FunctionGuards> begin_context(const State& state);
    void finish(FunctionGuards& out) const;
    friend FunctionGuards walk_function(Guards& guards, std::uint32_t range);
    void give_back(const State& state, Formula when);
    void give_back_of(const State& state, Formula when, const Target& tail);
    void note_decision(Bit bit, std::uint64_t at);
    Target target_of(const State& state, const FlowInsn& insn);
    Value result_of_import(const State& state, std::string_view symbol);
    State landing(const State& near, Formula when) const;

    Guards& guards_;
    Values& values_;
    const FlowGraph& graph_;
    std::vector<std::uint32_t> above_;
    std::vector<std::uint64_t> sites_;  ///< of the calls that led here
    bool looped_ = false;               ///< one of them stands in a loop
    Recording* recording_ = nullptr;    ///< set in the last pass only
    bool remember_ = false;
    std::vector<State> in_;
    std::vector<unsigned> visits_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> todo_;  // place in order, block
    State back_;
    std::int64_t steps_ = kStepsOfOne;
    std::uint64_t at_ = 0;
    bool loop_here_ = false;
};

}  // namespace lf::audit
