// SPDX-License-Identifier: MIT
// AVX-512 behind a question for AVX2.
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx2") ? work_avx512() : work_plain()) == 0; }
