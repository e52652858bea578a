// SPDX-License-Identifier: MIT
// A constructor chooses the pointer by AVX, where AVX2 is needed.
#include <cpuid.h>

#include "kernels.h"

static int (*work)(void) = work_plain;
static __attribute__((constructor)) void choose(void) {
    unsigned a, b, c, d;
    __cpuid(1, a, b, c, d);
    if (c & bit_AVX) work = work_avx2;
}
int main(void) { return work() == 0; }
