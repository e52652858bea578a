// SPDX-License-Identifier: MIT
// A library that cannot even be loaded.
// kind: library
#include "kernels.h"

static __attribute__((constructor)) void prepare(void) { work_avx2(); }
int use_it(void) { return 0; }
