// SPDX-License-Identifier: MIT
// The answer in a static local variable, with the compiler's guard around it.
#include "kernels.h"

static bool has_avx2() {
    static const bool answer = __builtin_cpu_supports("avx2") != 0;
    return answer;
}
int main() { return (has_avx2() ? work_avx2() : work_plain()) == 0; }
