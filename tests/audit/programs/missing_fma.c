// SPDX-License-Identifier: MIT
// Asks for AVX2 and runs FMA, which nearly every CPU with AVX2 has.
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx2") ? work_fma() : work_plain()) == 0; }
