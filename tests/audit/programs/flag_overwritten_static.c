// SPDX-License-Identifier: MIT
// The answer lies in static data, and another function has the C library write over it.
#include <string.h>

#include "kernels.h"

static unsigned char flags[16];
__attribute__((noinline)) void reset(size_t size) { memset(flags, 1, size); }
int main(void) {
    flags[3] = __builtin_cpu_supports("avx2") != 0;
    volatile size_t size = sizeof flags;
    reset(size);
    return flags[3] ? work_avx2() == 0 : work_plain() == 0;
}
