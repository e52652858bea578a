// SPDX-License-Identifier: MIT
// An IFUNC made by hand.
#include "kernels.h"

typedef int work_type(void);
static work_type* choose(void) {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") ? work_avx2 : work_plain;
}
int work(void) __attribute__((ifunc("choose")));
int main(void) { return work() == 0; }
