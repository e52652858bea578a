// SPDX-License-Identifier: MIT
// llama-cli, llama-server and llama-bench: start the backends, say which, and what the CPU backend computes.
#include "llama.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
    const ggml_backend* cpu = llama_backend_init();
    if (!cpu) {
        fprintf(stderr, PROGRAM ": no backends are loaded\n");
        return 1;
    }
    if (argc == 2 && strcmp(argv[1], "--completion-bash") == 0) {
        printf("complete -W '--model --help' " PROGRAM "\n");
        return 0;
    }
    float logits[256];
    for (int i = 0; i < 256; i++) logits[i] = (float)((i * 29 + argc) % 255);
    printf(PROGRAM ": token %d\n", llama_sample_greedy(logits, 256));
    for (int i = 0; i < ggml_backend_count(); i++) {
        const ggml_backend* backend = ggml_backend_get(i);
        printf("backend: %s [%s] %s\n", backend->name, backend->targets, ggml_backend_file(i));
    }
    printf("system_info: CPU : %s\n", cpu->features());
    printf("checksum: %08x\n", cpu->checksum());
    return 0;
}
