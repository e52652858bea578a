// SPDX-License-Identifier: MIT
// The same behind a check.
// build: -mcmodel=large
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx2") ? work_avx2() : work_plain()) == 0; }
