// SPDX-License-Identifier: MIT
// kind: library
// A library's constructor gives a function away without any check; an exported function calls it.
#include "kernels.h"

static int (*work)(void) = work_plain;
static __attribute__((constructor)) void choose(void) { work = work_avx2; }
int use_it(void) { return work() == 0; }
