// SPDX-License-Identifier: MIT
// Its own CPUID for AVX-512, with the state that the system must save.
#include <cpuid.h>

#include "kernels.h"

static __attribute__((noinline)) int has_avx512(void) {
    unsigned a, b, c, d, low, high;
    if (__get_cpuid_max(0, 0) < 7) return 0;
    __cpuid(1, a, b, c, d);
    if (!(c & bit_OSXSAVE)) return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 0xe6) != 0xe6) return 0;
    __cpuid_count(7, 0, a, b, c, d);
    return (b & bit_AVX512F) != 0;
}
int main(void) { return (has_avx512() ? work_avx512() : work_plain()) == 0; }
