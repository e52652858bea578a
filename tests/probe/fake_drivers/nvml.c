// SPDX-License-Identifier: MIT
//
// For gpu_ask_test.cc: pretends to be NVML and does what FAKE_NVML says. A real one can do all of this.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pci {
    char old_bus_id[16];
    unsigned domain, bus, device, device_and_vendor, subsystem;
    char bus_id[32];
};
struct memory {
    unsigned long long total, free, used;
};

static int is(const char* what) {
    const char* wish = getenv("FAKE_NVML");
    return wish != NULL && strcmp(wish, what) == 0;
}

__attribute__((constructor)) static void loaded(void) {
    if (is("crash-on-load")) raise(SIGSEGV);
}

int nvmlInit_v2(void) {
    if (is("crash")) raise(SIGSEGV);
    if (is("abort")) abort();
    if (is("exit")) _exit(7);
    if (is("hang"))
        for (;;) pause();
    if (is("hang-with-child")) {
        // The grandchild ignores what can be ignored; its number is left for the test to look after it.
        if (fork() == 0) {
            signal(SIGTERM, SIG_IGN);
            FILE* file = fopen(getenv("FAKE_NVML_PID"), "w");
            fprintf(file, "%d", (int)getpid());
            fclose(file);
        }
        for (;;) pause();
    }
    if (is("flood"))  // every descriptor that it can guess, for ever
        for (;;)
            for (int descriptor = 0; descriptor < 16; ++descriptor)
                if (write(descriptor, "rubbish \n", 9) < 0) continue;
    if (is("chatter")) puts("NVML: something went wrong, but not really");
    return is("no-driver") ? 9 : 0;
}
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
    if (is("lie")) memset(text, '\n', size);
    else strcpy(text, "580.82.07");
    return 0;
}
int nvmlSystemGetCudaDriverVersion_v2(int* version) {
    *version = 13000;
    return 0;
}
int nvmlDeviceGetCount_v2(unsigned* count) {
    *count = is("lie") ? 4000000000u : 2;
    return 0;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
    *device = (void*)(size_t)(index + 1);
    return 0;
}
int nvmlDeviceGetPciInfo_v3(void* device, struct pci* info) {
    info->domain = is("lie") ? 0xffffffffu : 0;
    info->bus = (unsigned)(size_t)device;
    info->device = 0;
    info->device_and_vendor = 0x233510de;
    return 0;
}
int nvmlDeviceGetName(void* device, char* name, unsigned size) {
    (void)device;
    if (is("lie")) memset(name, 0x1b, size);
    else strcpy(name, "NVIDIA H200");
    return 0;
}
int nvmlDeviceGetCudaComputeCapability(void* device, int* major, int* minor) {
    (void)device;
    *major = is("lie") ? -9 : 9;
    *minor = 0;
    return 0;
}
int nvmlDeviceGetMemoryInfo(void* device, struct memory* memory) {
    (void)device;
    memory->total = is("lie") ? ~0ull : 150754820096ull;
    return 0;
}
int nvmlDeviceGetMigMode(void* device, unsigned* current, unsigned* pending) {
    *current = *pending = device == (void*)2 ? 1 : 0;
    return 0;
}
