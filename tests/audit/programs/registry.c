// SPDX-License-Identifier: MIT
// A table of ways, each with its own question: the first that can is taken.
#include "kernels.h"

static int can_avx2(void) { return __builtin_cpu_supports("avx2") != 0; }
static int can_always(void) { return 1; }
static const struct {
    int (*can)(void);
    int (*work)(void);
} ways[] = {{can_avx2, work_avx2}, {can_always, work_plain}};
int main(void) {
    for (unsigned i = 0; i < sizeof ways / sizeof ways[0]; ++i)
        if (ways[i].can()) return ways[i].work() == 0;
    return 1;
}
