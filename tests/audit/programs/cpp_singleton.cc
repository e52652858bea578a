// SPDX-License-Identifier: MIT
// Answers in an object that is made when it is first asked for.
#include "kernels.h"

struct Cpu {
    bool avx2, avx512;
    Cpu() : avx2(__builtin_cpu_supports("avx2")), avx512(__builtin_cpu_supports("avx512f")) {}
    static const Cpu& get() {
        static const Cpu cpu;
        return cpu;
    }
};
int main() {
    if (Cpu::get().avx512) return work_avx512() == 0;
    if (Cpu::get().avx2) return work_avx2() == 0;
    return work_plain() == 0;
}
