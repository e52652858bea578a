// SPDX-License-Identifier: MIT
// TZCNT runs everywhere, as BSF, with the same answer but for zero.
#include "kernels.h"

__attribute__((noinline, target("bmi"))) static int zeros(unsigned value) { return (int)_tzcnt_u32(value); }
int main(void) { return zeros((unsigned)numbers[0]); }
