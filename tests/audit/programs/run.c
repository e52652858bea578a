// SPDX-License-Identifier: MIT
// Loads a library and uses it, and says how far it came: run LIBRARY [FUNCTION…]
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    void* library = dlopen(argv[1], RTLD_NOW);
    if (library == NULL) {
        printf("error %s\n", dlerror());
        return 2;
    }
    puts("load");
    fflush(stdout);
    for (int i = 2; i < argc; ++i) {
        long (*function)(void) = (long (*)(void))dlsym(library, argv[i]);
        if (function == NULL) {
            printf("missing %s\n", argv[i]);
            continue;
        }
        const long answer = function();
        printf("%s %ld\n", argv[i], answer);
        fflush(stdout);
    }
    return 0;
}
