// SPDX-License-Identifier: MIT
// The other way round: leave early where the feature is missing.
#include "kernels.h"

static __attribute__((noinline)) int work(void) {
    if (!__builtin_cpu_supports("avx2")) return work_plain();
    work_plain();
    return work_avx2();
}
int main(void) { return work() == 0; }
