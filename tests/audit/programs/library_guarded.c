// SPDX-License-Identifier: MIT
// A library that asks in its exported function.
// kind: library
#include "kernels.h"

int use_it(void) { return (__builtin_cpu_supports("avx2") ? work_avx2() : work_plain()) == 0; }
