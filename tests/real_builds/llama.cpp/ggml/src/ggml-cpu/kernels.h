// SPDX-License-Identifier: MIT
// One kernel for each feature that a CPU option of ggml turns on. n is a multiple of 64.
#pragma once
#include <stdint.h>

int32_t dot_u8_s8(const uint8_t* a, const int8_t* b, int n);       // AMX-INT8, AVX512-VNNI
int32_t dot_block(const uint8_t* a, const int8_t* b);              // AVX-VNNI; 32 values
int32_t dot_u4_s8(const uint8_t* packed, const int8_t* b, int n);  // AVX2; n values in n / 2 bytes
float dot_f32(const float* a, const float* b, int n);              // AVX512F, FMA, AVX
float dot_bf16(const uint16_t* a, const uint16_t* b, int n);       // AVX512-BF16
float sum_f16(const uint16_t* a, int n);                           // F16C
void look_up(const uint8_t table[64], uint8_t* indices, int n);    // AVX512-VBMI
uint32_t crc32c(const uint8_t* bytes, int n);                      // SSE4.2
uint64_t gather_bits(uint64_t value, uint64_t mask);               // BMI2
