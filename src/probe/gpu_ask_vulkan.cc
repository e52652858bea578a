// SPDX-License-Identifier: MIT
// Vulkan 1.1 by the specification: the few structures that are needed are declared here, so that no header and no
// loader is needed to build. Runs in the child only.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/text.h"
#include "probe/gpu_ask.h"

namespace lf::probe {
namespace {

using Handle = void*;
using AnyFunction = void (*)();
constexpr std::uint32_t kMaxDevices = 256;
constexpr std::uint32_t kMaxExtensions = 4096;
constexpr std::uint32_t kVersion11 = (1U << 22) | (1U << 12);
constexpr std::uint32_t kVersion12 = (1U << 22) | (2U << 12);

// Values of VkStructureType.
constexpr std::uint32_t kApplicationInfo = 0;
constexpr std::uint32_t kInstanceCreateInfo = 1;
constexpr std::uint32_t kProperties2 = 1000059001;
constexpr std::uint32_t kDriverProperties = 1000196000;
constexpr std::uint32_t kPciBusInfo = 1000212000;

struct ApplicationInfo {
    std::uint32_t type = kApplicationInfo;
    const void* next = nullptr;
    const char* name = "llama-fleet";
    std::uint32_t version = 0;
    const char* engine = nullptr;
    std::uint32_t engine_version = 0;
    std::uint32_t api = kVersion11;
};

struct InstanceCreateInfo {
    std::uint32_t type = kInstanceCreateInfo;
    const void* next = nullptr;
    std::uint32_t flags = 0;
    const ApplicationInfo* application = nullptr;
    std::uint32_t layers = 0;
    const char* const* layer_names = nullptr;
    std::uint32_t extensions = 0;
    const char* const* extension_names = nullptr;
};

struct Properties {  // VkPhysicalDeviceProperties: the beginning, then room for its 824 bytes
    std::uint32_t api, driver_version, vendor, device, type;
    char name[256];
    alignas(8) char rest[1024];
};

struct Properties2 {
    std::uint32_t type = kProperties2;
    void* next = nullptr;
    Properties properties = {};
};

struct DriverProperties {
    std::uint32_t type = kDriverProperties;
    void* next = nullptr;
    std::uint32_t id = 0;
    char name[256] = {};
    char info[256] = {};
    std::uint32_t conformance = 0;
    char more[64] = {};
};

struct PciBusInfo {
    std::uint32_t type = kPciBusInfo;
    void* next = nullptr;
    std::uint32_t domain = 0, bus = 0, device = 0, function = 0;
    char more[64] = {};
};

struct Extension {  // VkExtensionProperties
    char name[256];
    std::uint32_t version;
};

struct Loader {
    AnyFunction (*proc)(Handle, const char*) = nullptr;
    Handle instance = nullptr;
    template <typename Function>
    Function* get(const char* name) const {
        return reinterpret_cast<Function*>(proc(instance, name));
    }
};

bool has(const std::vector<Extension>& all, std::string_view name) {
    return std::any_of(all.begin(), all.end(), [&](const Extension& each) {
        return ::strnlen(each.name, sizeof each.name) == name.size() && name.compare(0, name.size(), each.name) == 0;
    });
}

std::vector<Extension> extensions_of(const Loader& loader, Handle device) {
    auto* list =
        loader.get<int(Handle, const char*, std::uint32_t*, Extension*)>("vkEnumerateDeviceExtensionProperties");
    std::uint32_t count = 0;
    if (list == nullptr || list(device, nullptr, &count, nullptr) < 0) return {};
    count = std::min(count, kMaxExtensions);
    std::vector<Extension> all(count);
    if (list(device, nullptr, &count, all.data()) < 0) return {};
    all.resize(std::min<std::size_t>(count, all.size()));
    return all;
}

std::string device_text(const Loader& loader, Handle device) {
    auto* short_form = loader.get<void(Handle, Properties*)>("vkGetPhysicalDeviceProperties");
    auto* long_form = loader.get<void(Handle, Properties2*)>("vkGetPhysicalDeviceProperties2");
    if (short_form == nullptr) return "";
    Properties2 asked;
    short_form(device, &asked.properties);
    DriverProperties driver;
    PciBusInfo place;
    bool placed = false;
    if (long_form != nullptr && asked.properties.api >= kVersion11) {
        const std::vector<Extension> known = extensions_of(loader, device);
        const auto chain = [&](auto& more) {
            more.next = asked.next;
            asked.next = &more;
        };
        if (asked.properties.api >= kVersion12 || has(known, "VK_KHR_driver_properties")) chain(driver);
        placed = has(known, "VK_EXT_pci_bus_info");
        if (placed) chain(place);
        long_form(device, &asked);
    }
    const std::string at =
        placed ? fmt::format("{:04x}:{:02x}:{:02x}.{:x}", place.domain, place.bus, place.device, place.function) : "-";
    return fmt::format("device {:04x}:{:04x} type {} driver {} at {}\n", asked.properties.vendor,
                       asked.properties.device, asked.properties.type, driver.id, at);
}

std::string list_devices(const Loader& loader) {
    auto* list = loader.get<int(Handle, std::uint32_t*, Handle*)>("vkEnumeratePhysicalDevices");
    std::uint32_t count = 0;
    if (list == nullptr || list(loader.instance, &count, nullptr) < 0) return "failed no devices can be listed\n";
    count = std::min(count, kMaxDevices);
    std::vector<Handle> devices(count);
    if (count != 0 && list(loader.instance, &count, devices.data()) < 0) return "failed no devices can be listed\n";
    std::string out = "vulkan 1\n";
    for (std::uint32_t i = 0; i < std::min<std::size_t>(count, devices.size()); ++i)
        out += device_text(loader, devices[i]);
    return out + "end\n";
}

std::string answer_of(void* library) {
    // Layers of overlays and recorders have no business here.
    ::setenv("VK_LOADER_LAYERS_DISABLE", "~implicit~", 1);
    Loader loader;
    loader.proc = reinterpret_cast<AnyFunction (*)(Handle, const char*)>(::dlsym(library, "vkGetInstanceProcAddr"));
    if (loader.proc == nullptr) return "failed it is no Vulkan loader: vkGetInstanceProcAddr is missing\n";
    auto* create = loader.get<int(const InstanceCreateInfo*, const void*, Handle*)>("vkCreateInstance");
    if (create == nullptr) return "failed vkCreateInstance is missing\n";
    const ApplicationInfo application;
    InstanceCreateInfo wanted;
    wanted.application = &application;
    // -9 is VK_ERROR_INCOMPATIBLE_DRIVER: no driver at all, which is an answer.
    const int code = create(&wanted, nullptr, &loader.instance);
    if (code == -9) return "vulkan 1\nend\n";
    if (code != 0) return fmt::format("failed vkCreateInstance returned {}\n", code);
    return list_devices(loader);
}

}  // namespace

std::string vulkan_text(const std::vector<std::string>& candidates) {
    for (const std::string& path : candidates)
        if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); library != nullptr)
            return answer_of(library);
    return "failed " + join(candidates, ", ") + " cannot be loaded\n";
}

}  // namespace lf::probe
