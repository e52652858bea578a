// SPDX-License-Identifier: MIT
// The answer lies in a context that callers hand over, as in libzstd.
// kind: library
#include <stdlib.h>

#include "kernels.h"

struct context {
    int size, fast;
};
struct context* make_context(void) {
    struct context* made = calloc(1, sizeof(struct context));
    if (made) made->fast = __builtin_cpu_supports("avx2") != 0;
    return made;
}
int run(struct context* context) { return context->fast ? work_avx2() : work_plain(); }
int use_it(void) {
    struct context* context = make_context();
    const int out = context ? run(context) : 0;
    free(context);
    return out == 0;
}
