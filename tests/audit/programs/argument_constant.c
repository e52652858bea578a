// SPDX-License-Identifier: MIT
// A constant as an argument: the one that leads to the work is handed over behind a check only.
#include "kernels.h"

static __attribute__((noinline)) int work(int fast) { return fast ? work_avx2() : work_plain(); }
static __attribute__((noinline)) int fast_only(int n) { return n + work(1); }
int main(int argc, char** argv) {
    (void)argv;
    int sum = work(0);
    if (__builtin_cpu_supports("avx2")) sum += fast_only(argc);
    return sum == 0;
}
