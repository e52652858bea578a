// SPDX-License-Identifier: MIT
// A lambda asked and called on the spot.
#include "kernels.h"

static const bool fast = [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("avx"); }();
int main() {
    const auto work = [] { return fast ? work_avx2() : work_plain(); };
    return work() == 0;
}
