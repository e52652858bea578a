// SPDX-License-Identifier: MIT
// The answer is handed over as an argument.
#include "kernels.h"

static __attribute__((noinline)) int work(int fast) { return fast ? work_avx2() : work_plain(); }
int main(void) { return work(__builtin_cpu_supports("avx2") != 0) == 0; }
