// SPDX-License-Identifier: MIT
// A virtual function, called through its table.
// run: x
#include "kernels.h"

struct Kernel {
    virtual int run() const { return work_plain(); }
    virtual ~Kernel() = default;
};
struct Fast : Kernel {
    int run() const override { return work_avx2(); }
};
static Fast fast;
static Kernel plain;
int main(int argc, char**) {
    const Kernel* const kernel = argc > 1 ? &fast : &plain;
    return kernel->run() == 0;
}
