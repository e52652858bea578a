// SPDX-License-Identifier: MIT
// Handed to the C library, which calls it.
#include <stdlib.h>

#include "kernels.h"

static int compare(const void* a, const void* b) {
    work_avx2();
    return *(const int*)a - *(const int*)b;
}
int main(void) {
    int values[] = {3, 1, 2};
    qsort(values, 3, sizeof values[0], compare);
    return values[0] != 1;
}
