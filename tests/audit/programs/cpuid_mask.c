// SPDX-License-Identifier: MIT
// Several bits of one register at once.
#include <cpuid.h>

#include "kernels.h"

#define WANTED (bit_AVX2 | bit_BMI | bit_BMI2)
int main(void) {
    unsigned a, b, c, d;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & WANTED) == WANTED) return work_avx2() + work_bmi2() == -1;
    return work_plain() == 0;
}
