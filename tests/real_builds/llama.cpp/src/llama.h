// SPDX-License-Identifier: MIT
// libllama: starts the backends and says what they are.
#pragma once
#include "ggml-backend.h"

// The CPU backend, without which nothing runs; null when there is none.
const ggml_backend* llama_backend_init(void);
// The largest of n values, as a sampler picks it.
int llama_sample_greedy(const float* logits, int n);
