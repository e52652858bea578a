// SPDX-License-Identifier: MIT
// A constructor asks and keeps the answer; main looks at it.
#include "kernels.h"

static int fast;
static __attribute__((constructor)) void detect(void) { fast = __builtin_cpu_supports("avx2") != 0; }
int main(void) { return (fast ? work_avx2() : work_plain()) == 0; }
