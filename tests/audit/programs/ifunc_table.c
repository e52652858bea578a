// SPDX-License-Identifier: MIT
// A resolver that reads a table at the level it found.
#include "kernels.h"

typedef int work_type(void);
static work_type* const ways[] = {work_plain, work_avx2, work_avx512};
static work_type* choose(void) {
    __builtin_cpu_init();
    int level = 0;
    if (__builtin_cpu_supports("avx2")) level = 1;
    if (__builtin_cpu_supports("avx512f")) level = 2;
    return ways[level];
}
int work(void) __attribute__((ifunc("choose")));
int main(void) { return work() == 0; }
