// SPDX-License-Identifier: MIT
// An UD2 that has nothing to do with the CPU, in a program that asks it.
#include "kernels.h"

static __attribute__((noinline)) int divide(int a, int b) {
    if (b == 0) __builtin_trap();
    return a / b;
}
int main(int argc, char** argv) {
    (void)argv;
    const int r = divide(100, argc);
    if (__builtin_cpu_supports("avx2")) {
        if (r == 0) __builtin_trap();
        return work_avx2() == 0;
    }
    if (r == 1) __builtin_trap();
    return work_plain() == 0;
}
