// SPDX-License-Identifier: MIT
// Asks the right question and takes the wrong way.
#include "kernels.h"

int main(void) { return (__builtin_cpu_supports("avx2") ? work_plain() : work_avx2()) == 0; }
