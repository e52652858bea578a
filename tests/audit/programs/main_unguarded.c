// SPDX-License-Identifier: MIT
// AVX2 in main, without asking.
#include "kernels.h"

int main(void) { return work_avx2() == 0; }
