// SPDX-License-Identifier: MIT
// A thread that asks itself.
// build: -pthread
#include <pthread.h>

#include "kernels.h"

static void* worker(void* nothing) {
    if (__builtin_cpu_supports("avx2")) work_avx2();
    return nothing;
}
int main(void) {
    pthread_t thread;
    if (pthread_create(&thread, 0, worker, 0) != 0) return 1;
    return pthread_join(thread, 0);
}
