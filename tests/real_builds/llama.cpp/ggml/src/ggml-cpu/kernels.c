// SPDX-License-Identifier: MIT
// Each kernel uses what the compiler was allowed to use, and plain C otherwise; the results are the same numbers.
#define _GNU_SOURCE
#include "kernels.h"

#include <immintrin.h>
#include <string.h>
#ifdef __AMX_INT8__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__AMX_INT8__) && defined(__AMX_TILE__)
// Linux lets a process use tiles only after it asked.
static int tiles_allowed(void) {
    enum { kRequestPermission = 0x1023, kTileData = 18 };
    return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// One row of 64 bytes times one column of 64 bytes a step.
static int32_t dot_tiles(const uint8_t* a, const int8_t* b, int n) {
    struct {
        uint8_t palette, start, reserved[14];
        uint16_t width[16];
        uint8_t rows[16];
    } layout = {.palette = 1, .width = {4, 64, 4}, .rows = {1, 1, 16}};
    int32_t sum = 0;
    _tile_loadconfig(&layout);
    _tile_zero(0);
    for (int i = 0; i < n; i += 64) {
        _tile_loadd(1, a + i, 64);
        _tile_loadd(2, b + i, 4);
        _tile_dpbusd(0, 1, 2);
    }
    _tile_stored(0, &sum, 4);
    _tile_release();
    return sum;
}
#endif

int32_t dot_u8_s8(const uint8_t* a, const int8_t* b, int n) {
#if defined(__AMX_INT8__) && defined(__AMX_TILE__)
    if (tiles_allowed()) return dot_tiles(a, b, n);
#endif
#ifdef __AVX512VNNI__
    __m512i sum = _mm512_setzero_si512();
    for (int i = 0; i < n; i += 64)
        sum = _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i));
    return _mm512_reduce_add_epi32(sum);
#else
    int32_t sum = 0;
    for (int i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
#endif
}

#ifdef __AVX2__
static int32_t sum_of(__m256i eight) {
    int32_t parts[8], sum = 0;
    _mm256_storeu_si256((__m256i*)parts, eight);
    for (int i = 0; i < 8; i++) sum += parts[i];
    return sum;
}

// Pairs of products fit 16 bits because a is below 128.
static __m256i dot_eight(__m256i a, __m256i b) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1));
}
#endif

int32_t dot_block(const uint8_t* a, const int8_t* b) {
#if defined(__AVXVNNI__)
    return sum_of(_mm256_dpbusd_avx_epi32(_mm256_setzero_si256(), _mm256_loadu_si256((const __m256i*)a),
                                          _mm256_loadu_si256((const __m256i*)b)));
#elif defined(__AVX2__)
    return sum_of(dot_eight(_mm256_loadu_si256((const __m256i*)a), _mm256_loadu_si256((const __m256i*)b)));
#else
    int32_t sum = 0;
    for (int i = 0; i < 32; i++) sum += a[i] * b[i];
    return sum;
#endif
}

// As ggml's Q4_0: the lower halves of 32 bytes are the first 32 values, the upper halves the next.
int32_t dot_u4_s8(const uint8_t* packed, const int8_t* b, int n) {
#ifdef __AVX2__
    const __m256i low = _mm256_set1_epi8(15);
    __m256i sum = _mm256_setzero_si256();
    for (int i = 0; i < n; i += 64) {
        const __m256i both = _mm256_loadu_si256((const __m256i*)(packed + i / 2));
        const __m256i upper = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
        sum =
            _mm256_add_epi32(sum, dot_eight(_mm256_and_si256(both, low), _mm256_loadu_si256((const __m256i*)(b + i))));
        sum = _mm256_add_epi32(sum, dot_eight(upper, _mm256_loadu_si256((const __m256i*)(b + i + 32))));
    }
    return sum_of(sum);
#else
    int32_t sum = 0;
    for (int i = 0; i < n; i += 64) {
        for (int j = 0; j < 32; j++) {
            sum += (packed[i / 2 + j] & 15) * b[i + j] + (packed[i / 2 + j] >> 4) * b[i + 32 + j];
        }
    }
    return sum;
#endif
}

float dot_f32(const float* a, const float* b, int n) {
    float sum = 0;
    int i = 0;
#if defined(__AVX512F__)
    __m512 wide = _mm512_setzero_ps();
    for (; i + 16 <= n; i += 16)
        wide = _mm512_add_ps(wide, _mm512_mul_ps(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i)));
    sum = _mm512_reduce_add_ps(wide);
#elif defined(__AVX__)
    float parts[8];
    __m256 wide = _mm256_setzero_ps();
    for (; i + 8 <= n; i += 8)
        wide = _mm256_add_ps(wide, _mm256_mul_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i)));
    _mm256_storeu_ps(parts, wide);
    for (int j = 0; j < 8; j++) sum += parts[j];
#endif
    for (; i < n; i++) sum += a[i] * b[i];
#ifdef __FMA__  // by name, because whether a compiler joins the two by itself is its own choice
    sum = _mm_cvtss_f32(_mm_fmadd_ss(_mm_set_ss(sum), _mm_set_ss(2.0f), _mm_set_ss(1.0f)));
#else
    sum = sum * 2.0f + 1.0f;
#endif
    return sum;
}

#ifndef __AVX512BF16__
static float from_bf16(uint16_t half) {
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
#endif

float dot_bf16(const uint16_t* a, const uint16_t* b, int n) {
#ifdef __AVX512BF16__
    __m512 sum = _mm512_setzero_ps();
    for (int i = 0; i < n; i += 32) {
        sum = _mm512_dpbf16_ps(sum, (__m512bh)_mm512_loadu_si512(a + i), (__m512bh)_mm512_loadu_si512(b + i));
    }
    return _mm512_reduce_add_ps(sum);
#else
    float sum = 0;
    for (int i = 0; i < n; i++) sum += from_bf16(a[i]) * from_bf16(b[i]);
    return sum;
#endif
}

#ifndef __F16C__
// Normal numbers and zero only.
static float from_f16(uint16_t half) {
    uint32_t bits = half & 0x7fff ? (uint32_t)(half & 0x8000) << 16 | (uint32_t)((half & 0x7fff) + 0x1c000) << 13 : 0;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
#endif

float sum_f16(const uint16_t* a, int n) {
    float sum = 0;
#ifdef __F16C__
    float parts[8];
    for (int i = 0; i < n; i += 8) {
        _mm256_storeu_ps(parts, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)(a + i))));
        for (int j = 0; j < 8; j++) sum += parts[j];
    }
#else
    for (int i = 0; i < n; i++) sum += from_f16(a[i]);
#endif
    return sum;
}

void look_up(const uint8_t table[64], uint8_t* indices, int n) {
#ifdef __AVX512VBMI__
    const __m512i all = _mm512_loadu_si512(table);
    for (int i = 0; i < n; i += 64) {
        _mm512_storeu_si512(indices + i, _mm512_permutexvar_epi8(_mm512_loadu_si512(indices + i), all));
    }
#else
    for (int i = 0; i < n; i++) indices[i] = table[indices[i] & 63];
#endif
}

uint32_t crc32c(const uint8_t* bytes, int n) {
    uint32_t crc = ~0u;
    for (int i = 0; i < n; i++) {
#ifdef __SSE4_2__
        crc = _mm_crc32_u8(crc, bytes[i]);
#else
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
#endif
    }
    return ~crc;
}

uint64_t gather_bits(uint64_t value, uint64_t mask) {
#ifdef __BMI2__
    return _pext_u64(value, mask);
#else
    uint64_t result = 0;
    for (uint64_t bit = 1; mask; bit <<= 1, mask &= mask - 1) {
        if (value & mask & -mask) result |= bit;
    }
    return result;
#endif
}
