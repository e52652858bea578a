// SPDX-License-Identifier: MIT
// An old instruction set is one too: CRC32 on Conroe.
#include "kernels.h"

int main(void) { return work_sse42() == -1; }
