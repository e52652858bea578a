// SPDX-License-Identifier: MIT
// Two features, both asked for.
#include "kernels.h"

int main(void) {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return work_avx2() + work_fma() == 0;
    return work_plain() == 0;
}
