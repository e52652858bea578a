// SPDX-License-Identifier: MIT
// Only a hidden function runs AVX2, and nothing calls it.
// kind: library
#include "kernels.h"

__attribute__((used, visibility("hidden"))) int unused_one(void) { return work_avx2(); }
int use_it(void) { return work_plain() == 0; }
