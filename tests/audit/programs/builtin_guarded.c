// SPDX-License-Identifier: MIT
// The compiler's own check.
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx2") ? work_avx2() : work_plain()) == 0; }
