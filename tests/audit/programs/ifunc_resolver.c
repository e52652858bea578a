// SPDX-License-Identifier: MIT
// The resolver itself runs AVX2: it dies before main.
#include "kernels.h"

typedef int work_type(void);
static __attribute__((target("avx2"))) work_type* choose(void) {
    __m256i v = _mm256_loadu_si256((const __m256i*)numbers);
    _mm256_storeu_si256((__m256i*)numbers, _mm256_add_epi32(v, v));
    return work_plain;
}
int work(void) __attribute__((ifunc("choose")));
int main(void) { return work() == 0; }
