// SPDX-License-Identifier: MIT
// Small work for CPUs with one feature each. Every program here does nothing else that depends on the CPU; its first
// lines say what it is, and how it is built where that matters:
//   kind: library         built as a shared library; run.c loads it and calls use_it()
//   build: FLAGS          more compiler flags, for all builds of it
//   run: ARGUMENTS        what the program is started with, so that it comes to its work
//   truth: wrong          it runs, but computes something else
#pragma once
#include <immintrin.h>

static volatile int numbers[64] = {1, 2, 3, 4, 5, 6, 7, 8};

#define KERNEL(feature) static __attribute__((noinline, unused, target(feature)))

KERNEL("avx2") int work_avx2(void) {
    __m256i v = _mm256_loadu_si256((const __m256i*)numbers);
    v = _mm256_add_epi32(v, _mm256_slli_epi32(v, 1));
    _mm256_storeu_si256((__m256i*)numbers, v);
    return numbers[0];
}

KERNEL("avx512f") int work_avx512(void) {
    __m512i v = _mm512_loadu_si512((const void*)numbers);
    v = _mm512_add_epi32(v, _mm512_slli_epi32(v, 1));
    _mm512_storeu_si512((void*)numbers, v);
    return numbers[0];
}

KERNEL("avx") int work_avx(void) {
    __m256 v = _mm256_loadu_ps((const float*)numbers);
    _mm256_storeu_ps((float*)numbers, _mm256_add_ps(v, v));
    return numbers[0];
}

KERNEL("fma") int work_fma(void) {
    __m256 v = _mm256_loadu_ps((const float*)numbers);
    _mm256_storeu_ps((float*)numbers, _mm256_fmadd_ps(v, v, v));
    return numbers[0];
}

KERNEL("sse4.2") int work_sse42(void) { return (int)_mm_crc32_u32(7, (unsigned)numbers[0]); }

KERNEL("bmi2") int work_bmi2(void) { return (int)_pext_u32((unsigned)numbers[1], (unsigned)numbers[2]); }

static __attribute__((noinline, unused)) int work_plain(void) {
    for (int i = 0; i < 8; ++i) numbers[i] *= 3;
    return numbers[0];
}
