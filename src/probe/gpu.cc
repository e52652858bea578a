// SPDX-License-Identifier: MIT
#include "probe/gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "probe/gpu_amd.h"
#include "probe/gpu_answer.h"
#include "probe/gpu_device.h"
#include "probe/gpu_intel.h"
#include "probe/gpu_kfd.h"
#include "probe/gpu_nvidia.h"
#include "probe/gpu_overrides.h"
#include "probe/gpu_platform.h"
#include "probe/pci.h"
#include "probe/pci_ids.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

using Gpus = std::vector<facts::Gpu>;
using Notes = std::vector<std::string>;

constexpr std::uint16_t kNvidia = 0x10de;
constexpr std::uint16_t kAmd = 0x1002;
constexpr std::uint16_t kIntel = 0x8086;

std::string vendor_word(std::uint16_t vendor) {
    switch (vendor) {
        case kNvidia: return "nvidia";
        case kAmd: return "amd";
        case kIntel: return "intel";
        default: return "other";
    }
}

bool any_of_vendor(const Gpus& gpus, std::string_view vendor) {
    return std::any_of(gpus.begin(), gpus.end(), [&](const auto& gpu) { return gpu.vendor == vendor; });
}

facts::Gpu start(const PciDevice& device, const std::optional<std::string>& pci_ids, Notes& notes) {
    facts::Gpu gpu;
    gpu.address = device.address;
    gpu.vendor = vendor_word(device.vendor);
    gpu.vendor_id = device.vendor;
    gpu.device_id = device.device;
    gpu.driver = device.driver;
    if (pci_ids)
        if (const auto name = pci_device_name(*pci_ids, device.vendor, device.device)) gpu.name = label(*name);
    if (!gpu.name && pci_ids)
        notes.push_back(
            fmt::format("pci.ids has no name for {:04x}:{:04x} at {}", device.vendor, device.device, device.address));
    return gpu;
}

Gpus start_all(const MachineSource& source, Notes& notes) {
    const std::vector<PciDevice> devices = display_devices(source.files(), notes);
    if (devices.empty()) return {};
    std::optional<std::string> pci_ids = source.pci_ids();
    if (pci_ids && pci_ids->empty()) pci_ids.reset();  // the capture of a machine without one
    if (!pci_ids) notes.emplace_back("GPUs have no names: there is no pci.ids (Debian: pci.ids, NixOS: hwdata)");
    Gpus gpus;
    gpus.reserve(devices.size());
    for (const PciDevice& device : devices) gpus.push_back(start(device, pci_ids, notes));
    return gpus;
}

using Targets = std::map<std::string, std::string>;

AmdWord word_on(const FileSource& files, const facts::Gpu& gpu, const Targets& kfd) {
    AmdWord word;
    if (const auto found = kfd.find(gpu.address); found != kfd.end()) word.kfd = found->second;
    else if (!amd_chip_of(gpu.device_id))
        if (const auto core = graphics_core(files, device_folder(gpu))) word.core = gfx_of_graphics_core(*core);
    return word;
}

/// Is the card among those that KFD serves? Without amdgpu bound the question does not arise.
void say_kfd(facts::Gpu& gpu, const KfdCards& kfd, Notes& notes) {
    if (gpu.driver != "amdgpu") return;
    const bool listed = kfd.targets.contains(gpu.address);
    if (!listed && !kfd.complete) return;
    gpu.kfd = listed;
    gpu.known_by["kfd"] = "/sys/class/kfd";
    if (!listed) notes.push_back(fmt::format("KFD does not list the card at {}: ROCm cannot use it here", gpu.address));
}

void describe_all(const FileSource& files, Gpus& gpus, Notes& notes) {
    const KfdCards kfd = any_of_vendor(gpus, "amd") ? kfd_cards(files) : KfdCards{};
    for (facts::Gpu& gpu : gpus) {
        if (gpu.vendor == "nvidia") {
            // Without its id a card can only be told by NVML, which is asked later.
            if (gpu.device_id != 0) describe_nvidia(gpu, notes);
        } else if (gpu.vendor == "amd") {
            describe_amd(gpu, word_on(files, gpu, kfd.targets), notes);
            say_kfd(gpu, kfd, notes);
        } else if (gpu.vendor == "intel") describe_intel(gpu, notes);
        else gpu.integrated = false;
        read_device(files, gpu, notes);
    }
}

/// Is there something that NVIDIA's driver serves?
bool for_nvml(const FileSource& files, const Gpus& gpus) {
    return files.exists("/dev/nvidiactl") || std::any_of(gpus.begin(), gpus.end(), [](const auto& gpu) {
               return gpu.vendor == "nvidia" && gpu.driver && gpu.driver != "nouveau" &&
                      !gpu.driver->starts_with("vfio");
           });
}

/// No file tells how much memory a card of NVIDIA has.
bool lacks_memory(const facts::Gpu& gpu) {
    return gpu.vendor == "nvidia" && gpu.driver == "nvidia" && gpu.integrated != true && !gpu.memory_mib;
}

/// Is there something that a Vulkan driver could serve?
bool for_vulkan(const Gpus& gpus) {
    return std::any_of(gpus.begin(), gpus.end(), [](const auto& gpu) {
        return gpu.vendor != "other" && gpu.driver && !gpu.driver->starts_with("vfio");
    });
}

void ask_libraries(const MachineSource& source, Gpus& gpus, Notes& notes) {
    const bool wsl = is_wsl(source.files());
    if (wsl || for_nvml(source.files(), gpus)) {
        const auto answer = source.answer(Question::nvml);
        if (answer) merge_nvml(parse_nvml(*answer), wsl, gpus, notes);
        else if (std::any_of(gpus.begin(), gpus.end(), lacks_memory))
            notes.emplace_back("the memory of NVIDIA cards is unknown: NVIDIA's library (NVML) was not asked");
    }
    if (for_vulkan(gpus))
        if (const auto answer = source.answer(Question::vulkan)) merge_vulkan(parse_vulkan(*answer), gpus, notes);
    if (any_of_vendor(gpus, "amd"))
        if (const auto answer = source.answer(Question::overrides)) tell_overrides(*answer, gpus, notes);
}

void tell_unknown(const Gpus& gpus, Notes& notes) {
    for (const facts::Gpu& gpu : gpus)
        if (gpu.vendor == "nvidia" && gpu.device_id == 0 && !gpu.chip)
            notes.push_back(
                fmt::format("which chip the card at {} has is not known: there is no /sys here and NVML says "
                            "nothing",
                            gpu.address));
}

}  // namespace

bool can_tell_gpus(const FileSource& files) { return can_tell_devices(files); }

Gpus read_gpus(const MachineSource& source, Notes& notes) {
    const FileSource& files = source.files();
    Gpus gpus = start_all(source, notes);
    add_proc_nvidia(files, gpus, notes);
    describe_all(files, gpus, notes);
    add_tegra(files, gpus, notes);
    if (is_wsl(files)) add_wsl(gpus, notes);
    ask_libraries(source, gpus, notes);
    tell_unknown(gpus, notes);
    std::sort(gpus.begin(), gpus.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    return gpus;
}

}  // namespace lf::probe
