// SPDX-License-Identifier: MIT
// Its own CPUID, without asking whether the system saves the registers.
#include <cpuid.h>

#include "kernels.h"

static int has_avx2(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    return (b >> 5) & 1;
}
int main(void) { return (has_avx2() ? work_avx2() : work_plain()) == 0; }
