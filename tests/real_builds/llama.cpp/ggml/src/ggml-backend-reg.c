// SPDX-License-Identifier: MIT
// The registry. With GGML_BACKEND_DL it looks in the program's folder (the real one, links followed), then in the
// current one. Of several libggml-NAME-VARIANT.so the one with the highest score is taken; 0 means that this CPU cannot
// run it.
#define _GNU_SOURCE
#include "ggml-backend.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    const ggml_backend* backend;
    char file[PATH_MAX];
} registered[GGML_MAX_BACKENDS];
static int count;

int ggml_backend_count(void) { return count; }
const ggml_backend* ggml_backend_get(int index) { return registered[index].backend; }
const char* ggml_backend_file(int index) { return registered[index].file; }

static void add(const ggml_backend* backend) {
    Dl_info where;
    if (!backend || count == GGML_MAX_BACKENDS) return;
    registered[count].backend = backend;
    if (dladdr((const void*)backend, &where) != 0) {
        snprintf(registered[count].file, PATH_MAX, "%s", where.dli_fname);
    }
    count++;
}

#ifdef GGML_BACKEND_DL

static int score_of(void* library) {
    ggml_backend_score_fn score = (ggml_backend_score_fn)dlsym(library, "ggml_backend_score");
    return score ? score() : -1;
}

static void load(const char* file) {
    void* library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "load_backend: failed to load %s: %s\n", file, dlerror());
        return;
    }
    if (score_of(library) == 0) {
        fprintf(stderr, "load_backend: %s is not supported on this CPU\n", file);
        dlclose(library);
        return;
    }
    ggml_backend_init_fn init = (ggml_backend_init_fn)dlsym(library, "ggml_backend_init");
    if (init) add(init());
}

// Keeps the best variant of `name` in `folder` in `best`, if it is better than `score`; returns the new score.
static int search(const char* folder, const char* name, char best[PATH_MAX], int score) {
    char prefix[64], path[PATH_MAX];
    snprintf(prefix, sizeof prefix, "libggml-%s-", name);
    DIR* entries = opendir(folder);
    for (struct dirent* entry; entries && (entry = readdir(entries));) {
        size_t length = strlen(entry->d_name);
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0) continue;
        if (length < 3 || strcmp(entry->d_name + length - 3, ".so") != 0) continue;
        if (snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path) continue;
        void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!library) continue;
        int its = score_of(library);
        if (its > score) {
            score = its;
            memcpy(best, path, sizeof path);
        }
        dlclose(library);
    }
    if (entries) closedir(entries);
    return score;
}

static void load_best(const char* name) {
    char program[PATH_MAX] = ".", current[PATH_MAX] = ".", best[PATH_MAX] = "";
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length > 0) {
        program[length] = '\0';
        *strrchr(program, '/') = '\0';
    }
    if (!getcwd(current, sizeof current)) current[0] = '\0';
    const char* folders[] = {program, current};
    int score = 0;
    for (int i = 0; i < 2; i++) score = search(folders[i], name, best, score);
    for (int i = 0; i < 2 && score == 0; i++) {
        if (snprintf(best, sizeof best, "%s/libggml-%s.so", folders[i], name) >= (int)sizeof best) continue;
        if (access(best, F_OK) == 0) break;
        best[0] = '\0';
    }
    if (best[0]) load(best);
}

void ggml_backend_load_all(void) {
    static const char* const names[] = {"blas", "cuda", "hip", "rpc", "vulkan", "cpu"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) load_best(names[i]);
}

#else

// HIP registers as CUDA does.
#define LINKED(use) extern const ggml_backend* ggml_backend_##use##_reg(void)
LINKED(blas);
LINKED(cuda);
LINKED(rpc);
LINKED(vulkan);
LINKED(cpu);

void ggml_backend_load_all(void) {
#ifdef GGML_USE_BLAS
    add(ggml_backend_blas_reg());
#endif
#ifdef GGML_USE_CUDA
    add(ggml_backend_cuda_reg());
#endif
#ifdef GGML_USE_RPC
    add(ggml_backend_rpc_reg());
#endif
#ifdef GGML_USE_VULKAN
    add(ggml_backend_vulkan_reg());
#endif
#ifdef GGML_USE_CPU
    add(ggml_backend_cpu_reg());
#endif
}

#endif
