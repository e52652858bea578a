// SPDX-License-Identifier: MIT
/// \file
/// \brief When a running comparison may be looked at, and what each look costs: the alpha that is left for the others.
#pragma once

#include <optional>

namespace lf::bench {

/// Looking after every round would find a difference between equals sooner or later. So there are six looks, at 1/32,
/// 1/16, … 1/2 of the budget and at its end, and each may err with its own share of alpha: alpha·f³ in all up to the
/// fraction f (a power family of spending functions: K. Kim, D. L. DeMets, Biometrika 74, 1987). The shares add up to
/// alpha, so all looks together err no more than alpha, however they depend on each other.
class Looks {
  public:
    explicit Looks(double alpha) : alpha_(alpha) {}
    /// True if a look is due at this fraction of the budget.
    bool due(double fraction) const { return fraction >= next_ && next_ < 1; }
    /// The share of a look now. Looks in between that were missed are made up for by this one.
    double take(double fraction);
    /// The share of the last look, whenever it comes.
    double rest() const { return alpha_ * (1 - last_ * last_ * last_); }

  private:
    double alpha_;
    double last_ = 0;
    double next_ = 1.0 / 32;
};

}  // namespace lf::bench
