// SPDX-License-Identifier: MIT
// Flags that are set behind a pointer, where a feature was seen.
#include "kernels.h"

struct cpu {
    int ready, avx2, fma;
};
static struct cpu cpu;
static __attribute__((noinline)) void detect(struct cpu* out) {
    if (__builtin_cpu_supports("avx2")) out->avx2 = 1;
    if (__builtin_cpu_supports("fma")) out->fma = 1;
    out->ready = 1;
}
static __attribute__((noinline)) int use(void) {
    if (cpu.fma) return work_fma();
    if (cpu.avx2) return work_avx2();
    return work_plain();
}
int main(void) {
    detect(&cpu);
    return use() == 0;
}
