// SPDX-License-Identifier: MIT
// A function around the function that asks.
#include "kernels.h"

static __attribute__((noinline)) int has_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }
static __attribute__((noinline)) int can_be_fast(void) { return has_avx2() && __builtin_cpu_supports("bmi2"); }
int main(void) { return (can_be_fast() ? work_avx2() + work_bmi2() : work_plain()) == -1; }
