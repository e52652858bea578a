// SPDX-License-Identifier: MIT
// An IFUNC that always chooses AVX2.
#include "kernels.h"

typedef int work_type(void);
static work_type* choose(void) { return work_avx2; }
int work(void) __attribute__((ifunc("choose")));
int main(void) { return work() == 0; }
