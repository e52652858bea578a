// SPDX-License-Identifier: MIT
// A constructor chooses the function by the wrong feature; main calls it.
#include "kernels.h"

static int (*work)(void) = work_plain;
static __attribute__((constructor)) void choose(void) {
    if (__builtin_cpu_supports("avx")) work = work_avx2;
}
int main(void) { return work() == 0; }
