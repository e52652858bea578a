// SPDX-License-Identifier: MIT
#include "audit/formula.h"

#include <algorithm>
#include <utility>

namespace lf::audit {
namespace {

std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) { return (std::uint64_t{a} << 32U) | b; }

constexpr std::uint64_t kMix = 0x9e3779b97f4a7c15;
// More branches than this in one formula are not told apart any more.
constexpr std::size_t kBranchesAtOnce = 24;

}  // namespace

Formulas::Formulas() { nodes_.resize(2, Node{0xffffffff, 0, 0, 0}); }

// The depth of the recursions here is bounded by the number of variables on a way, not by the input.

Formula Formulas::node(Variable v, Formula low, Formula high) {
    if (low == high) return low;
    const auto hash_of = [this](Formula f) {
        return spread(pair_key(nodes_[f].low, nodes_[f].high) + kMix * nodes_[f].variable);
    };
    const std::uint64_t hash = spread(pair_key(low, high) + kMix * v);
    const Formula same = unique_.find(hash, [&](Formula f) {
        const Node& n = nodes_[f];
        return n.variable == v && n.low == low && n.high == high;
    });
    if (same != 0) return same;
    const std::uint8_t own = v == kSomething ? kHoldsSomething : v >= kFirstBranch ? kHoldsBranch : kHoldsFeature;
    nodes_.push_back({v, low, high, static_cast<std::uint8_t>(own | nodes_[low].holds | nodes_[high].holds)});
    const auto made = static_cast<Formula>(nodes_.size() - 1);
    unique_.add(hash, made, hash_of);
    return made;
}

void Formulas::begin_walk() {
    made_.resize(nodes_.size());
    round_.resize(nodes_.size(), 0);
    if (++walk_ != 0) return;
    std::fill(round_.begin(), round_.end(), 0);
    walk_ = 1;
}

Formula Formulas::variable(Variable v) { return node(v, kFalse, kTrue); }
Formula Formulas::negated(Variable v) { return node(v, kTrue, kFalse); }

Formula Formulas::apply(Formula a, Formula b, bool conjunction) {
    const Formula wins = conjunction ? kFalse : kTrue;
    if (a == wins || b == wins) return wins;
    if (a <= kTrue) return b;
    if (b <= kTrue || a == b) return a;
    if (a > b) std::swap(a, b);
    auto& cache = conjunction ? and_ : or_;
    if (const std::uint32_t* known = cache.find(pair_key(a, b))) return *known;
    if (full()) return variable(kSomething);
    const Node x = nodes_[a], y = nodes_[b];
    const Variable v = std::min(x.variable, y.variable);
    const Formula low = apply(x.variable == v ? x.low : a, y.variable == v ? y.low : b, conjunction);
    const Formula high = apply(x.variable == v ? x.high : a, y.variable == v ? y.high : b, conjunction);
    const Formula out = node(v, low, high);
    cache.add(pair_key(a, b), out);
    return out;
}

Formula Formulas::both(Formula a, Formula b) { return apply(a, b, true); }
Formula Formulas::either(Formula a, Formula b) { return apply(a, b, false); }

Formula Formulas::where(Formula f, Variable v, bool value) {
    if (f <= kTrue || nodes_[f].variable > v || (v == kSomething && !something(f))) return f;
    begin_walk();
    const auto walk = [&](const auto& self, Formula at) -> Formula {
        if (at <= kTrue || nodes_[at].variable > v) return at;
        if (round_[at] == walk_) return made_[at];
        const Node n = nodes_[at];
        Formula out = value ? n.high : n.low;
        if (n.variable != v) {
            const Formula low = self(self, n.low), high = self(self, n.high);
            out = node(n.variable, low, high);
        }
        round_[at] = walk_;
        made_[at] = out;
        return out;
    };
    return walk(walk, f);
}

Formula Formulas::name_something(Formula f, Formula by) {
    const Formula without = where(f, kSomething, false);
    if (without == f) return f;
    return either(without, both(where(f, kSomething, true), by));
}

Formula Formulas::forget_branches(Formula f) {
    if ((nodes_[f].holds & kHoldsBranch) == 0) return f;
    for (const Variable v : support(f)) {
        if (v < kFirstBranch || v == kSomething) continue;
        const Formula no = where(f, v, false), yes = where(f, v, true);
        if (v < kFirstOnce) f = either(no, both(yes, variable(kSomething)));
        else f = either(both(no, yes), both(either(no, yes), variable(kSomething)));
    }
    return f;
}

std::vector<Variable> Formulas::support(Formula f) {
    std::vector<Variable> out;
    std::vector<Formula> todo = {f};
    if (f <= kTrue) return out;
    begin_walk();
    while (!todo.empty()) {
        const Formula at = todo.back();
        todo.pop_back();
        if (at <= kTrue || round_[at] == walk_) continue;
        round_[at] = walk_;
        out.push_back(nodes_[at].variable);
        todo.push_back(nodes_[at].low);
        todo.push_back(nodes_[at].high);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

std::size_t Formulas::branches(Formula f) {
    if ((nodes_[f].holds & kHoldsBranch) == 0) return 0;
    const std::vector<Variable> all = support(f);
    const auto first = std::lower_bound(all.begin(), all.end(), kFirstBranch);
    return static_cast<std::size_t>(std::lower_bound(first, all.end(), kSomething) - first);
}

// A formula that holds however the branches go: of each pair one way may be closed, never both.
Formula Formulas::every_way(Formula f) {
    std::size_t pairs = 0;
    for (const Variable v : support(f)) {
        if (v < kFirstBranch || v == kSomething) continue;
        if (++pairs > kBranchesAtOnce) return kFalse;
        if (v >= kFirstOnce) {
            f = both(where(f, v, false), where(f, v, true));
            continue;
        }
        const Variable first = v & ~1U;
        const Formula one = where(where(f, first, true), first | 1U, false);
        const Formula other = where(where(f, first, false), first | 1U, true);
        f = both(one, other);
    }
    return f;
}

Formula Formulas::surely(Formula f) { return every_way(where(f, kSomething, false)); }

Formula Formulas::possibly(Formula f) {
    for (const Variable v : support(f))
        if (v >= kFirstBranch)
            f = v >= kFirstOnce && v != kSomething ? either(where(f, v, false), where(f, v, true)) : where(f, v, true);
    return f;
}

bool Formulas::implied(const std::vector<Literal>& cube, Formula f) {
    for (const Literal& l : cube) f = where(f, l.variable, l.positive);
    return f == kTrue;
}

std::vector<std::vector<Literal>> Formulas::alternatives(Formula f, std::size_t limit, bool& complete) {
    std::vector<std::vector<Literal>> out;
    complete = true;
    Formula left = f;  // what the alternatives so far do not say
    while (left != kFalse) {
        if (out.size() == limit || full()) {
            complete = false;
            return out;
        }
        std::vector<Literal> cube;
        for (Formula at = left; at > kTrue;) {
            const Node n = nodes_[at];
            const bool positive = n.low == kFalse;
            cube.push_back({n.variable, positive});
            at = positive ? n.high : n.low;
        }
        for (std::size_t i = cube.size(); i-- > 0;) {
            const Literal dropped = cube[i];
            cube.erase(cube.begin() + static_cast<std::ptrdiff_t>(i));
            if (!implied(cube, f)) cube.insert(cube.begin() + static_cast<std::ptrdiff_t>(i), dropped);
        }
        Formula rest = kFalse;  // left and not cube
        for (const Literal& l : cube)
            rest = either(rest, both(left, l.positive ? negated(l.variable) : variable(l.variable)));
        out.push_back(std::move(cube));
        if (rest == left) break;  // only where the limit was hit
        left = rest;
    }
    return out;
}

}  // namespace lf::audit
