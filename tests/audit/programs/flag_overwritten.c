// SPDX-License-Identifier: MIT
// The answer lies in a struct on the stack, and the C library writes over it.
#include <string.h>

#include "kernels.h"

struct settings {
    int threads, fast;
};
static const struct settings defaults = {1, 1};
int main(int argc, char** argv) {
    (void)argv;
    struct settings here = {argc, __builtin_cpu_supports("avx2") != 0};
    volatile size_t size = sizeof here;
    memcpy(&here, &defaults, size);
    return here.fast ? work_avx2() == 0 : work_plain() == 0;
}
