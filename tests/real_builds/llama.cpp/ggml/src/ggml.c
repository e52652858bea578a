// SPDX-License-Identifier: MIT
// libggml-base: what every backend uses. Its loops are such that a compiler that may use wide registers does.
#include "ggml-backend.h"

// Small whole numbers, so that sums are exact in every order: 1024 products stay below 2^24.
void ggml_fill(uint8_t* unsigned_bytes, int8_t* signed_bytes, int n) {
    for (int i = 0; i < n; i++) {
        unsigned_bytes[i] = (uint8_t)((i * 37 + 11) & 127);
        signed_bytes[i] = (int8_t)((i * 53 + 7) % 255 - 127);
    }
}

void ggml_to_float(const int8_t* from, float* to, int n) {
    for (int i = 0; i < n; i++) to[i] = (float)from[i];
}
