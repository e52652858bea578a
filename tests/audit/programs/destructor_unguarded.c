// SPDX-License-Identifier: MIT
// AVX2 in a destructor: it dies when it ends.
#include "kernels.h"

static __attribute__((destructor)) void clean(void) { work_avx2(); }
int main(void) { return numbers[0] == 0; }
