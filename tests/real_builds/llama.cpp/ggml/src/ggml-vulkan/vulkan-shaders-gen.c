// SPDX-License-Identifier: MIT
// Writes a table as C: stands for the compiler of shaders, which runs while ggml-vulkan is built.
#include <stdio.h>

int main(int argc, char** argv) {
    float weights[256];
    for (int i = 0; i < 256; i++) weights[i] = (float)(i * argc) * 0.5f;
    FILE* file = argc == 2 ? fopen(argv[1], "w") : NULL;
    if (!file) {
        fprintf(stderr, "usage: vulkan-shaders-gen FILE (which must be writable)\n");
        return 1;
    }
    fprintf(file, "static const float shader_weights[256] = {");
    for (int i = 0; i < 256; i++) fprintf(file, "%.1ff,", (double)weights[i]);
    fprintf(file, "};\n");
    return fclose(file) == 0 ? 0 : 1;
}
