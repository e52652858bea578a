// SPDX-License-Identifier: MIT
// Its own CPUID, as the manuals say: OSXSAVE, XGETBV, then leaf 7.
#include <cpuid.h>

#include "kernels.h"

static __attribute__((noinline)) int has_avx2(void) {
    unsigned a, b, c, d, low, high;
    if (__get_cpuid_max(0, 0) < 7) return 0;
    __cpuid(1, a, b, c, d);
    if (!(c & bit_OSXSAVE) || !(c & bit_AVX)) return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 6) != 6) return 0;
    __cpuid_count(7, 0, a, b, c, d);
    return (b & bit_AVX2) != 0;
}
int main(void) { return (has_avx2() ? work_avx2() : work_plain()) == 0; }
