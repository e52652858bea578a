// SPDX-License-Identifier: MIT
// A library whose exported function runs AVX2: loading it is safe, using it is not.
// kind: library
#include "kernels.h"

int use_it(void) { return work_avx2() == 0; }
