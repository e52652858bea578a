// SPDX-License-Identifier: MIT
// The large code model calls through registers, whose addresses are counted from the GOT.
// build: -mcmodel=large
#include "kernels.h"

int main(void) { return work_avx2() == 0; }
