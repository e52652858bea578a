// SPDX-License-Identifier: MIT
// One check after the other: what the first call leaves in registers is used again.
#include "kernels.h"

int main(void) {
    int sum = 0;
    if (__builtin_cpu_supports("avx2")) sum += work_avx2();
    if (__builtin_cpu_supports("avx512f")) sum += work_avx512();
    return sum < 0;
}
