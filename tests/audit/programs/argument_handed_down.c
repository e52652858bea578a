// SPDX-License-Identifier: MIT
// The answer is a level that is handed down through two calls.
#include "kernels.h"

static __attribute__((noinline)) int inner(int level, int n) {
    if (level > 1) return work_avx2() + n;
    return work_plain() + n;
}
static __attribute__((noinline)) int outer(int n, int level) { return inner(level, n * 2) + 1; }
int main(int argc, char** argv) {
    (void)argv;
    int level = 0;
    if (__builtin_cpu_supports("sse4.2")) level = 1;
    if (__builtin_cpu_supports("avx2")) level = 2;
    return outer(argc, level) == 0;
}
