// SPDX-License-Identifier: MIT
// LZCNT runs everywhere, as BSR where the CPU does not know it.
// truth: wrong
#include "kernels.h"

__attribute__((noinline, target("lzcnt"))) static int zeros(unsigned value) { return (int)_lzcnt_u32(value); }
int main(void) { return zeros((unsigned)numbers[0]) == 31 ? 0 : 3; }
