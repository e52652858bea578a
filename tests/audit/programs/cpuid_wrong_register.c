// SPDX-License-Identifier: MIT
// Its own CPUID, the right bit of the wrong register: ECX of leaf 7.
#include <cpuid.h>

#include "kernels.h"

int main(void) {
    unsigned a, b, c, d;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & (1u << 5)) == 0) return work_avx2() == 0;
    return work_plain() == 0;
}
