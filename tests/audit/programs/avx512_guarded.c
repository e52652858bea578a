// SPDX-License-Identifier: MIT
// AVX-512 behind the compiler's check.
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx512f") ? work_avx512() : work_plain()) == 0; }
