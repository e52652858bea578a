// SPDX-License-Identifier: MIT
// A constructor gives a function away without any check, and main calls it through the pointer.
#include "kernels.h"

static int (*work)(void) = work_plain;
static __attribute__((constructor)) void choose(void) { work = work_avx2; }
int main(void) { return work() == 0; }
