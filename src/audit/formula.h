// SPDX-License-Identifier: MIT
/// \file
/// \brief Formulas over features of the CPU, as binary decision diagrams: equal ones have equal numbers.
///
/// Three kinds of variables. A feature: the CPU has it or not. A pair for each branch that depends on the CPU in a way
/// we do not understand, in a loop: "may go this way", "may go that way", of which at least one holds; out of loops one
/// variable, since there it goes one way. And kSomething: "what we did not understand may be so". Pairs and kSomething
/// are never negated, so that setting them to true says what may happen. Bryant, Graph-Based Algorithms for Boolean
/// Function Manipulation (1986).
#pragma once

#include <cstdint>
#include <vector>

#include "audit/hash_table.h"

namespace lf::audit {

using Formula = std::uint32_t;
using Variable = std::uint32_t;

inline constexpr Formula kFalse = 0, kTrue = 1;
inline constexpr Variable kFirstBranch = 0x1000;  ///< below: index into facts::x86_features(); from here: pairs
inline constexpr Variable kFirstOnce = 0x800000;  ///< from here: branches out of loops
inline constexpr Variable kSomething = 0xffffff;

struct Literal {
    Variable variable = 0;
    bool positive = true;
};

class Formulas {
  public:
    Formulas();
    Formula variable(Variable v);
    Formula negated(Variable v);
    Formula both(Formula a, Formula b);
    Formula either(Formula a, Formula b);
    /// Where `v` is `value`.
    Formula where(Formula f, Variable v, bool value);
    /// kSomething replaced by another formula.
    Formula name_something(Formula f, Formula by);
    /// Variables of branches replaced by kSomething: what other functions may know.
    Formula forget_branches(Formula f);
    /// What holds whatever the parts are that we did not understand / what may hold. Features only.
    Formula surely(Formula f);
    Formula possibly(Formula f);
    /// As alternatives of literals, each as short as it can be; at most `limit`, else `complete` is false.
    std::vector<std::vector<Literal>> alternatives(Formula f, std::size_t limit, bool& complete);
    std::vector<Variable> support(Formula f);
    std::size_t branches(Formula f);  ///< how many variables of branches it holds
    bool something(Formula f) const { return (nodes_[f].holds & kHoldsSomething) != 0; }
    bool features(Formula f) const { return (nodes_[f].holds & kHoldsFeature) != 0; }  ///< some feature is asked for
    /// So many diagrams were made that the answers are kSomething from now on. Never wrong, only less said.
    bool full() const { return nodes_.size() > limit_; }
    void allow(std::size_t more) { limit_ = nodes_.size() + more; }

  private:
    static constexpr std::uint8_t kHoldsFeature = 1, kHoldsBranch = 2, kHoldsSomething = 4;
    struct Node {
        Variable variable = 0;
        Formula low = 0, high = 0;  ///< where the variable is false, true
        std::uint8_t holds = 0;     ///< kinds of the variables in it
    };
    Formula node(Variable v, Formula low, Formula high);
    Formula apply(Formula a, Formula b, bool conjunction);
    Formula every_way(Formula f);
    bool implied(const std::vector<Literal>& cube, Formula f);

    std::vector<Node> nodes_;
    std::size_t limit_ = 1 << 20;
    Interned unique_;
    Remembered and_, or_;
    // Of one walk over a diagram: what was made of each node, where `round_` says that it is of this walk.
    void begin_walk();
    std::vector<Formula> made_;
    std::vector<std::uint32_t> round_;
    std::uint32_t walk_ = 0;
};

}  // namespace lf::audit
