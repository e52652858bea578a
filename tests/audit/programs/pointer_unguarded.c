// SPDX-License-Identifier: MIT
// Called through a pointer of a table; which one, the arguments say.
// run: x
#include "kernels.h"

static int (*const table[])(void) = {work_plain, work_avx2};
int main(int argc, char** argv) {
    (void)argv;
    return table[argc > 1]() == 0;
}
