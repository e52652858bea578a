// SPDX-License-Identifier: MIT
// A backend of a GPU without its toolkit: registers under its name with the targets that CMake gave it.
#include "ggml-backend.h"
#ifdef BACKEND_HEADER
#include BACKEND_HEADER
#endif

const ggml_backend* BACKEND_REG(void);
const ggml_backend* BACKEND_REG(void) {
    static const ggml_backend backend = {BACKEND_NAME, BACKEND_TARGETS, 0, 0};
#ifdef BACKEND_HEADER
    if (shader_weights[2] < shader_weights[1]) return 0;
#endif
    return &backend;
}

#ifdef GGML_BACKEND_DL
const ggml_backend* ggml_backend_init(void);
const ggml_backend* ggml_backend_init(void) { return BACKEND_REG(); }
#endif
