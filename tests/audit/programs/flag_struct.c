// SPDX-License-Identifier: MIT
// All answers in one struct, as many libraries do.
#include <cpuid.h>

#include "kernels.h"

static struct { unsigned char sse42, avx, avx2, avx512f; } cpu;
static __attribute__((noinline)) void detect(void) {
    unsigned a, b, c, d;
    __cpuid(1, a, b, c, d);
    cpu.sse42 = (c >> 20) & 1;
    cpu.avx = (c >> 28) & (c >> 27) & 1;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        cpu.avx2 = (b >> 5) & 1;
        cpu.avx512f = (b >> 16) & 1;
    }
}
int main(void) {
    detect();
    if (cpu.avx2) return work_avx2() == 0;
    if (cpu.sse42) return work_sse42() == -1;
    return work_plain() == 0;
}
