// SPDX-License-Identifier: MIT
//
// For shim.py: the three functions of libggml.so that the shim is about; they say what they were asked.
#include <stdio.h>

void* ggml_backend_load(const char* path);
void ggml_backend_load_all_from_path(const char* folder);
void ggml_backend_load_all(void);

void* ggml_backend_load(const char* path) {
    printf("load %s\n", path);
    return 0;
}
void ggml_backend_load_all_from_path(const char* folder) { printf("search %s\n", folder ? folder : "as always"); }
void ggml_backend_load_all(void) { ggml_backend_load_all_from_path(0); }
