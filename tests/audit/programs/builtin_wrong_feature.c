// SPDX-License-Identifier: MIT
// Asks for AVX and runs AVX2: dies on Sandy Bridge, not on Penryn.
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx") ? work_avx2() : work_plain()) == 0; }
