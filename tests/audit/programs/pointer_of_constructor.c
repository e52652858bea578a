// SPDX-License-Identifier: MIT
// A constructor chooses the pointer, as libraries of codecs do.
#include "kernels.h"

static int (*work)(void);
static __attribute__((constructor)) void choose(void) {
    work = __builtin_cpu_supports("avx2") ? work_avx2 : work_plain;
}
int main(void) { return work() == 0; }
