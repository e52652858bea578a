// SPDX-License-Identifier: MIT
// What was found is overwritten by one wide store whose meaning is not followed.
#include <emmintrin.h>

#include "kernels.h"

static struct { _Alignas(16) int before, avx2, after[2]; } features;
int main(void) {
    features.avx2 = __builtin_cpu_supports("avx2") != 0;
    _mm_stream_si128((__m128i*)(void*)&features, _mm_set1_epi32(1));
    return (features.avx2 ? work_avx2() : work_plain()) == 0;
}
