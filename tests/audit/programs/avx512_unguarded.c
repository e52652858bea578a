// SPDX-License-Identifier: MIT
// AVX-512 in main, without asking.
#include "kernels.h"

int main(void) { return work_avx512() == 0; }
