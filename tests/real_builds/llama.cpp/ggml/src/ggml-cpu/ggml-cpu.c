// SPDX-License-Identifier: MIT
// The CPU backend. Registering it fills tables with tuned code, as ggml's does: on a CPU that lacks an instruction the
// program ends there, whatever it was asked to do.
#include "ggml-backend.h"
#include "kernels.h"

#include <string.h>

enum { kCount = 1024 };
static uint32_t result;

// What the compiler was allowed to use.
static const char* features(void) {
    return ""
#ifdef __SSE4_2__
           "SSE42 = 1 | "
#endif
#ifdef __AVX__
           "AVX = 1 | "
#endif
#ifdef __AVX2__
           "AVX2 = 1 | "
#endif
#ifdef __F16C__
           "F16C = 1 | "
#endif
#ifdef __FMA__
           "FMA = 1 | "
#endif
#ifdef __BMI2__
           "BMI2 = 1 | "
#endif
#ifdef __AVXVNNI__
           "AVX_VNNI = 1 | "
#endif
#if defined(__AVX512F__) && defined(__AVX512CD__) && defined(__AVX512VL__) && defined(__AVX512DQ__) && \
    defined(__AVX512BW__)
           "AVX512 = 1 | "
#endif
#ifdef __AVX512VBMI__
           "AVX512_VBMI = 1 | "
#endif
#ifdef __AVX512VNNI__
           "AVX512_VNNI = 1 | "
#endif
#ifdef __AVX512BF16__
           "AVX512_BF16 = 1 | "
#endif
#ifdef __AMX_INT8__
           "AMX_INT8 = 1 | "
#endif
        ;
}

// Whole numbers of up to 8 bits as halves: exact in both formats. f16: sign, 5 bits of exponent, 10 of fraction.
static uint16_t to_f16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return value == 0 ? 0 : (uint16_t)(bits >> 16 & 0x8000) | (uint16_t)((bits >> 13 & 0x3ffff) - 0x1c000);
}
static uint16_t to_bf16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)(bits >> 16);
}

static uint32_t mix(uint32_t sum, double value) { return (sum ^ (uint32_t)(int64_t)value) * 16777619u; }

static uint32_t compute(void) {
    static uint8_t bytes[kCount], table[64];
    static int8_t weights[kCount], small[kCount];
    static float a[kCount], b[kCount];
    static uint16_t half[kCount], brain_a[kCount], brain_b[kCount];
    ggml_fill(bytes, weights, kCount);
    for (int i = 0; i < kCount; i++) small[i] = (int8_t)bytes[i];
    ggml_to_float(small, a, kCount);
    ggml_to_float(weights, b, kCount);
#ifdef _OPENMP
#pragma omp parallel for num_threads(2)
#endif
    for (int i = 0; i < kCount; i++) {
        half[i] = to_f16(b[i]);
        brain_a[i] = to_bf16(a[i]);
        brain_b[i] = to_bf16(b[i]);
    }
    uint32_t sum = mix(2166136261u, dot_u8_s8(bytes, weights, kCount));
    for (int i = 0; i < kCount; i += 32) sum = mix(sum, dot_block(bytes + i, weights + i));
    sum = mix(sum, dot_u4_s8(bytes, weights, kCount));
    sum = mix(sum, (double)dot_f32(a, b, kCount));
    sum = mix(sum, (double)dot_bf16(brain_a, brain_b, kCount));
    sum = mix(sum, (double)sum_f16(half, kCount));
    for (int i = 0; i < 64; i++) table[i] = (uint8_t)(i * 5 + 3);
    look_up(table, bytes, kCount);
    sum = mix(sum, crc32c(bytes, kCount));
    return mix(sum, (double)(gather_bits(0x0123456789abcdefu, 0x00ff0f0f33335555u) & 0xffffff));
}

static uint32_t checksum(void) { return result; }

const ggml_backend* ggml_backend_cpu_reg(void);
const ggml_backend* ggml_backend_cpu_reg(void) {
    static const ggml_backend backend = {"CPU", "", features, checksum};
    result = compute();
    return &backend;
}

#ifdef GGML_BACKEND_DL
const ggml_backend* ggml_backend_init(void);
const ggml_backend* ggml_backend_init(void) { return ggml_backend_cpu_reg(); }
#endif
