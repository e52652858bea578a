// SPDX-License-Identifier: MIT
// Two features, one of them is enough for the question and not for the work.
#include "kernels.h"

int main(void) {
    if (__builtin_cpu_supports("avx2") || __builtin_cpu_supports("sse4.2")) return work_avx2() == 0;
    return work_plain() == 0;
}
