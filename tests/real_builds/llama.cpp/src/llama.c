// SPDX-License-Identifier: MIT
#include "llama.h"

#include <string.h>

const ggml_backend* llama_backend_init(void) {
    ggml_backend_load_all();
    for (int i = 0; i < ggml_backend_count(); i++) {
        if (strcmp(ggml_backend_get(i)->name, "CPU") == 0) return ggml_backend_get(i);
    }
    return 0;
}

int llama_sample_greedy(const float* logits, int n) {
    float scaled[256];
    int best = 0;
    for (int i = 0; i < n && i < 256; i++) scaled[i] = logits[i] * 0.5f + 1.0f;
    for (int i = 1; i < n && i < 256; i++) {
        if (scaled[i] > scaled[best]) best = i;
    }
    return best;
}
