// SPDX-License-Identifier: MIT
//
// For gpu_ask_test.cc: pretends to be the Vulkan loader with a RADV, a proprietary and a software device.
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct properties {
    uint32_t api, driver_version, vendor, device, type;
    char name[256];
};
struct chained {
    uint32_t type;
    struct chained* next;
    uint32_t words[4];
};
struct properties2 {
    uint32_t type;
    struct chained* next;
    struct properties properties;
};
struct extension {
    char name[256];
    uint32_t version;
};
typedef void (*function)(void);

// vendor, device, type, VkDriverId, bus; bus 0 = does not say its place
static const uint32_t kDevices[3][5] = {{0x1002, 0x744c, 2, 3, 3}, {0x1002, 0x744c, 2, 1, 3}, {0x10005, 0, 4, 13, 0}};

static int is(const char* what) {
    const char* wish = getenv("FAKE_VULKAN");
    return wish != NULL && strcmp(wish, what) == 0;
}
static int create(const void* info, const void* allocator, void** instance) {
    (void)info;
    (void)allocator;
    if (is("crash")) raise(SIGSEGV);
    if (is("hang"))
        for (;;) pause();
    if (is("no-driver")) return -9;
    *instance = (void*)1;
    return 0;
}
static int list(void* instance, uint32_t* count, void** devices) {
    (void)instance;
    if (devices == NULL) {
        *count = is("lie") ? 4000000000u : 3;
        return 0;
    }
    if (*count > 3 && !is("lie")) *count = 3;
    for (uint32_t i = 0; i < *count; ++i) devices[i] = (void*)(uintptr_t)(i % 3 + 1);
    return 0;
}
static const uint32_t* row(void* device) { return kDevices[(uintptr_t)device - 1]; }
static void fill(void* device, struct properties* out) {
    out->api = (1u << 22) | (3u << 12);
    out->vendor = row(device)[0];
    out->device = row(device)[1];
    out->type = row(device)[2];
    memset(out->name, 'x', sizeof out->name);
}
static void fill2(void* device, struct properties2* out) {
    fill(device, &out->properties);
    for (struct chained* each = out->next; each != NULL; each = each->next) {
        if (each->type == 1000196000) each->words[0] = row(device)[3];
        if (each->type == 1000212000) {
            each->words[0] = 0;
            each->words[1] = row(device)[4];
            each->words[2] = each->words[3] = 0;
        }
    }
}
static int extensions(void* device, const char* layer, uint32_t* count, struct extension* out) {
    (void)layer;
    const uint32_t have = row(device)[4] != 0 ? 1 : 0;
    if (out != NULL && *count >= 1 && have == 1) strcpy(out[0].name, "VK_EXT_pci_bus_info");
    *count = have;
    return 0;
}

static const struct {
    const char* name;
    function call;
} kFunctions[] = {{"vkCreateInstance", (function)create},
                  {"vkEnumeratePhysicalDevices", (function)list},
                  {"vkGetPhysicalDeviceProperties", (function)fill},
                  {"vkGetPhysicalDeviceProperties2", (function)fill2},
                  {"vkEnumerateDeviceExtensionProperties", (function)extensions}};

function vkGetInstanceProcAddr(void* instance, const char* name) {
    (void)instance;
    for (size_t i = 0; i < sizeof kFunctions / sizeof kFunctions[0]; ++i)
        if (strcmp(name, kFunctions[i].name) == 0) return kFunctions[i].call;
    return NULL;
}
