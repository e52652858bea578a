// SPDX-License-Identifier: MIT
// What was found is copied as a whole struct: compilers write REP MOVS.
#include "kernels.h"

struct features {
    int before[100], avx2, after[100];
};
static struct features detect(void) {
    struct features found = {{0}, 0, {0}};
    found.avx2 = __builtin_cpu_supports("avx2");
    return found;
}
static struct features features;
int main(void) {
    features = detect();
    return (features.avx2 ? work_avx2() : work_plain()) == 0;
}
