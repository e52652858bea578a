// SPDX-License-Identifier: MIT
// PEXT in main.
#include "kernels.h"

int main(void) { return work_bmi2() == -1; }
