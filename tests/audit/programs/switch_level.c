// SPDX-License-Identifier: MIT
// The answers become a number, and a switch takes the way.
#include "kernels.h"

static __attribute__((noinline)) int level(void) {
    if (__builtin_cpu_supports("avx512f")) return 4;
    if (__builtin_cpu_supports("avx2")) return 3;
    if (__builtin_cpu_supports("avx")) return 2;
    return __builtin_cpu_supports("sse4.2") ? 1 : 0;
}
int main(void) {
    switch (level()) {
        case 4: return work_avx512() == -1;
        case 3: return work_avx2() == -1;
        case 2: return work_avx() == -1;
        case 1: return work_sse42() == -1;
        default: return work_plain() == -1;
    }
}
