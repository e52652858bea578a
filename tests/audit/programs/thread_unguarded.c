// SPDX-License-Identifier: MIT
// AVX2 in the function of a thread.
// build: -pthread
#include <pthread.h>

#include "kernels.h"

static void* worker(void* nothing) {
    work_avx2();
    return nothing;
}
int main(void) {
    pthread_t thread;
    if (pthread_create(&thread, 0, worker, 0) != 0) return 1;
    return pthread_join(thread, 0);
}
