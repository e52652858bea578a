// SPDX-License-Identifier: MIT
// A library that gives out a table of functions, unguarded.
// kind: library
#include "kernels.h"

static int fast(void) { return work_avx2() == 0; }
const struct { int (*work)(void); } interface = {fast};
int use_it(void) { return interface.work(); }
