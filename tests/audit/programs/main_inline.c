// SPDX-License-Identifier: MIT
// All of main is compiled for AVX2.
#include "kernels.h"

__attribute__((target("avx2"))) int main(void) {
    __m256i v = _mm256_loadu_si256((const __m256i*)numbers);
    _mm256_storeu_si256((__m256i*)numbers, _mm256_abs_epi32(v));
    return numbers[0] == 0;
}
