// SPDX-License-Identifier: MIT
#include "bench/looks.h"

#include <algorithm>

namespace lf::bench {

double Looks::take(double fraction) {
    while (next_ <= fraction && next_ < 1) next_ *= 2;
    const double now = std::clamp(next_ / 2, last_, 1.0);
    const double share = alpha_ * (now * now * now - last_ * last_ * last_);
    last_ = now;
    return share;
}

}  // namespace lf::bench
