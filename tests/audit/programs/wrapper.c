// SPDX-License-Identifier: MIT
// The question in a function of its own, which gives a truth value.
#include "kernels.h"

static __attribute__((noinline)) int has_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }
int main(void) { return (has_avx2() ? work_avx2() : work_plain()) == 0; }
