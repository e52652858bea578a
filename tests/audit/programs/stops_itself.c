// SPDX-License-Identifier: MIT
// Its own check stops it by an UD2, which is SIGILL, too.
#include "kernels.h"

int main(void) {
    if (!__builtin_cpu_supports("avx2")) __builtin_trap();
    return work_avx2() == 0;
}
