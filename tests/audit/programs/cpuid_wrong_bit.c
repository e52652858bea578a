// SPDX-License-Identifier: MIT
// Its own CPUID with the wrong bit: 3 (BMI1) is not 5 (AVX2).
#include <cpuid.h>

#include "kernels.h"

int main(void) {
    unsigned a, b, c, d;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 3))) return work_avx2() == 0;
    return work_plain() == 0;
}
