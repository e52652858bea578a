// SPDX-License-Identifier: MIT
// The constructor of a global object.
#include "kernels.h"

struct Table {
    int value;
    Table() : value(work_avx2()) {}
};
static Table table;
int main() { return table.value == 0; }
