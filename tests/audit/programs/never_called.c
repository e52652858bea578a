// SPDX-License-Identifier: MIT
// A function for AVX2 that nothing calls and nobody holds the address of.
#include "kernels.h"

__attribute__((used, noinline, target("avx2"))) static void lonely(void) { work_avx2(); }
int main(void) { return work_plain() == 0; }
