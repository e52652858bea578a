// SPDX-License-Identifier: MIT
//
// Preloaded into llama-bench (LD_PRELOAD): ggml then loads exactly the backends named in LLAMA_FLEET_BACKENDS, in that
// order, and nothing of what it would find by itself. This pins one CPU variant without touching the installation; a
// folder with one variant would not, because ggml also looks in the folder that was compiled into it.
//
// Entries stand between colons. A file is loaded as it is. A folder (it ends in a slash) is searched by ggml's own
// function, which takes the CPU variant with the best score in it, and looks nowhere else. Without the variable
// everything is as always.
//
// Built with -nostdlib and without headers: what is undefined here is found in the process itself, so the shim needs no
// certain C library. The weak names are missing in programs that are started on the way (a wrapper's shell).
typedef void (*search_function)(const char* folder);

extern char* getenv(const char* name);
extern void* dlsym(void* handle, const char* name) __attribute__((weak));
extern void* ggml_backend_load(const char* path) __attribute__((weak));

#define NEXT ((void*)-1L)  // RTLD_NEXT of glibc and musl
#define LONGEST 4096       // PATH_MAX

static void search_as_always(const char* folder) {
    search_function search = dlsym ? (search_function)dlsym(NEXT, "ggml_backend_load_all_from_path") : 0;
    if (search) search(folder);
}

static void load_entry(const char* entry, unsigned long length) {
    if (length == 0) return;
    if (entry[length - 1] == '/') search_as_always(entry);
    else if (ggml_backend_load) ggml_backend_load(entry);
}

static void load_listed(const char* list) {
    static char entry[LONGEST];
    unsigned long length = 0;
    for (;; ++list) {
        if (*list && *list != ':') {
            if (length + 1 < LONGEST) entry[length++] = *list;
            continue;
        }
        entry[length] = 0;
        load_entry(entry, length);
        length = 0;
        if (!*list) return;
    }
}

void ggml_backend_load_all_from_path(const char* folder) {
    static int done;  // llama.cpp asks more than once, and ggml would load a file again
    const char* list = getenv("LLAMA_FLEET_BACKENDS");
    if (!list) {
        search_as_always(folder);
    } else if (!done) {
        done = 1;
        load_listed(list);
    }
}

void ggml_backend_load_all(void) { ggml_backend_load_all_from_path(0); }
