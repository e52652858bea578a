// SPDX-License-Identifier: MIT
// AVX2 in a constructor; main does nothing.
#include "kernels.h"

static __attribute__((constructor)) void prepare(void) { work_avx2(); }
int main(void) { return numbers[0] == 0; }
