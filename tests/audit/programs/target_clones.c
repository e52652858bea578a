// SPDX-License-Identifier: MIT
// The compiler makes the variants and the IFUNC.
// build: -ftree-vectorize
#include "kernels.h"

__attribute__((noinline, target_clones("avx512f", "avx2", "default"))) int sum(void) {
    int out = 0;
    for (int i = 0; i < 64; ++i) out += ((const int*)numbers)[i] * 5;
    return out;
}
int main(void) { return sum() == 0; }
