// SPDX-License-Identifier: MIT
// Backends and their registry: linked in, or with GGML_BACKEND_DL loaded from beside the program.
#pragma once
#include <stdint.h>

#define GGML_MAX_BACKENDS 8

typedef struct {
    const char* name;
    const char* targets;            // of a GPU backend: what it was built for
    const char* (*features)(void);  // of the CPU backend: "AVX2 = 1 | …", what the compiler was allowed to use
    uint32_t (*checksum)(void);     // of the CPU backend: the same number whatever its kernels were compiled to
} ggml_backend;

typedef const ggml_backend* (*ggml_backend_init_fn)(void);
typedef int (*ggml_backend_score_fn)(void);

// libggml: finds all backends; afterwards count of them, and each with the file that it came from.
void ggml_backend_load_all(void);
int ggml_backend_count(void);
const ggml_backend* ggml_backend_get(int index);
const char* ggml_backend_file(int index);

// libggml-base.
void ggml_fill(uint8_t* unsigned_bytes, int8_t* signed_bytes, int n);
void ggml_to_float(const int8_t* from, float* to, int n);
