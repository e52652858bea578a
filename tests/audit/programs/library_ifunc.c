// SPDX-License-Identifier: MIT
// A library that exports an IFUNC.
// kind: library
#include "kernels.h"

typedef int work_type(void);
static int fast(void) { return work_avx2() == 0; }
static int plain(void) { return work_plain() == 0; }
static work_type* choose(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") ? fast : plain;
}
int use_it(void) __attribute__((ifunc("choose")));
