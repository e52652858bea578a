// SPDX-License-Identifier: MIT
// The pointer is the plain function until the check says more.
#include "kernels.h"

static int (*work)(void) = work_plain;
int main(void) {
    if (__builtin_cpu_supports("avx2")) work = work_avx2;
    return work() == 0;
}
