// SPDX-License-Identifier: MIT
// NVML by its documented names and structures (NVML API Reference, R525 and newer). Runs in the child only.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "probe/gpu_ask.h"

namespace lf::probe {
namespace {

using Device = void*;
constexpr unsigned kMaxCards = 256;
constexpr int kVirtualGpu = 2;  // NVML_GPU_VIRTUALIZATION_MODE_VGPU

struct PciInfo {  // nvmlPciInfo_t; room behind it for versions to come
    char old_bus_id[16];
    unsigned domain, bus, device;
    unsigned device_and_vendor;  // device << 16 | vendor
    unsigned subsystem;
    char bus_id[32];
    char more[256];
};

struct Memory {  // nvmlMemory_t
    unsigned long long total, free, used;
    char more[256];
};

/// nullptr if the library does not have it.
template <typename Function>
Function* symbol(void* library, const char* name) {
    return reinterpret_cast<Function*>(::dlsym(library, name));
}

/// Text in a buffer that the library filled, perhaps without an end.
template <std::size_t kSize>
std::string text_in(const char (&buffer)[kSize]) {
    const char* end = std::find(buffer, buffer + kSize, '\0');
    return printable(std::string_view(buffer, static_cast<std::size_t>(end - buffer)));
}

template <typename Function, typename... Arguments>
bool works(Function* function, Arguments... arguments) {
    return function != nullptr && function(arguments...) == 0;
}

std::string place_of(void* library, Device device) {
    PciInfo info{};
    if (!works(symbol<int(Device, PciInfo*)>(library, "nvmlDeviceGetPciInfo_v3"), device, &info) &&
        !works(symbol<int(Device, PciInfo*)>(library, "nvmlDeviceGetPciInfo_v2"), device, &info))
        return "card - 0000:0000\n";
    return fmt::format("card {:04x}:{:02x}:{:02x}.0 {:04x}:{:04x}\n", info.domain, info.bus, info.device,
                       info.device_and_vendor & 0xffff, info.device_and_vendor >> 16);
}

std::string card_text(void* library, Device device) {
    std::string out = place_of(library, device);
    char name[256] = {};
    if (works(symbol<int(Device, char*, unsigned)>(library, "nvmlDeviceGetName"), device, name, 96U))
        out += "name " + text_in(name) + "\n";
    int major = 0;
    int minor = 0;
    if (works(symbol<int(Device, int*, int*)>(library, "nvmlDeviceGetCudaComputeCapability"), device, &major, &minor))
        out += fmt::format("capability {}.{}\n", major, minor);
    Memory memory{};
    if (works(symbol<int(Device, Memory*)>(library, "nvmlDeviceGetMemoryInfo"), device, &memory))
        out += fmt::format("memory {}\n", memory.total);
    unsigned current = 0;
    unsigned pending = 0;
    if (works(symbol<int(Device, unsigned*, unsigned*)>(library, "nvmlDeviceGetMigMode"), device, &current, &pending) &&
        current == 1)
        out += "mig 1\n";
    int mode = 0;
    if (works(symbol<int(Device, int*)>(library, "nvmlDeviceGetVirtualizationMode"), device, &mode) &&
        mode == kVirtualGpu)
        out += "vgpu 1\n";
    return out;
}

std::string system_text(void* library) {
    std::string out;
    char version[256] = {};
    if (works(symbol<int(char*, unsigned)>(library, "nvmlSystemGetDriverVersion"), version, 81U))
        out += "driver " + text_in(version) + "\n";
    int cuda = 0;
    if (works(symbol<int(int*)>(library, "nvmlSystemGetCudaDriverVersion_v2"), &cuda))
        out += fmt::format("cuda {}\n", cuda);
    return out;
}

std::string answer_of(void* library) {
    auto* init = symbol<int()>(library, "nvmlInit_v2");
    if (init == nullptr) return "failed it is not NVML: nvmlInit_v2 is missing\n";
    if (const int code = init(); code != 0) return fmt::format("failed nvmlInit_v2 returned {}\n", code);
    unsigned count = 0;
    if (!works(symbol<int(unsigned*)>(library, "nvmlDeviceGetCount_v2"), &count))
        return "failed nvmlDeviceGetCount_v2 gives no number\n";
    std::string out = "nvml 1\n" + system_text(library);
    auto* handle = symbol<int(unsigned, Device*)>(library, "nvmlDeviceGetHandleByIndex_v2");
    for (unsigned i = 0; i < std::min(count, kMaxCards); ++i) {
        Device device = nullptr;
        if (works(handle, i, &device)) out += card_text(library, device);
    }
    return out + "end\n";
}

}  // namespace

std::string nvml_text(const std::vector<std::string>& candidates) {
    for (const std::string& path : candidates)
        if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); library != nullptr)
            return answer_of(library);
    return "failed " + join(candidates, ", ") + " cannot be loaded\n";
}

}  // namespace lf::probe
