// SPDX-License-Identifier: MIT
// The answer is kept for each thread.
#include "kernels.h"

static _Thread_local int found;
__attribute__((noinline)) static void detect(void) { found = __builtin_cpu_supports("avx2") != 0; }
int main(void) {
    detect();
    return (found ? work_avx2() : work_plain()) == 0;
}
