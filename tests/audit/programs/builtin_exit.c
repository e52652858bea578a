// SPDX-License-Identifier: MIT
// A program that says it needs AVX2, and ends.
#include <stdio.h>
#include <stdlib.h>

#include "kernels.h"

int main(void) {
    if (!__builtin_cpu_supports("avx2")) {
        puts("this program needs AVX2");
        exit(0);
    }
    return work_avx2() == 0;
}
