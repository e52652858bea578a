// SPDX-License-Identifier: MIT
//
// For shim.py: asks for the backends as llama-bench does, more than once and in both ways.
void ggml_backend_load_all(void);
void ggml_backend_load_all_from_path(const char* folder);

int main(void) {
    ggml_backend_load_all();
    ggml_backend_load_all_from_path("/own");
    return 0;
}
