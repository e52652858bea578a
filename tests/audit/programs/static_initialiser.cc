// SPDX-License-Identifier: MIT
// An object made before main holds the function that needs AVX2; nobody asks the CPU.
#include "kernels.h"

struct Engine {
    explicit Engine(int (*f)(void)) : run(f) {}
    int (*run)(void);
};
static volatile int one = 1;
static Engine engine(one ? work_avx2 : work_plain);
int main() { return engine.run() == 0; }
