// SPDX-License-Identifier: MIT
// An argument leads to AVX2, not the CPU.
// run: fast
#include "kernels.h"

int main(int argc, char** argv) {
    (void)argv;
    return (argc > 1 ? work_avx2() : work_plain()) == 0;
}
