// SPDX-License-Identifier: MIT
// The check leaves by longjmp where the CPU cannot.
#include <setjmp.h>

#include "kernels.h"

static jmp_buf back;
static __attribute__((noinline)) void check(void) {
    if (!__builtin_cpu_supports("avx2")) longjmp(back, 1);
}
int main(void) {
    if (setjmp(back) != 0) return work_plain() == 0;
    check();
    return work_avx2() == 0;
}
