// SPDX-License-Identifier: MIT
// The answer is asked for once and kept: -1 is not asked yet.
#include "kernels.h"

static int known = -1;
static __attribute__((noinline)) int fast(void) {
    if (known < 0) known = __builtin_cpu_supports("avx2") != 0;
    return known;
}
int main(void) { return (fast() ? work_avx2() : work_plain()) == 0; }
