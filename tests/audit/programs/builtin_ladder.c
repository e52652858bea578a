// SPDX-License-Identifier: MIT
// From the best to the least.
#include "kernels.h"

int main(void) {
    int sum = 0;
    if (__builtin_cpu_supports("avx512f")) sum = work_avx512();
    else if (__builtin_cpu_supports("avx2")) sum = work_avx2();
    else if (__builtin_cpu_supports("avx")) sum = work_avx();
    else if (__builtin_cpu_supports("sse4.2")) sum = work_sse42();
    else sum = work_plain();
    return sum == -1;
}
