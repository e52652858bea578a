// SPDX-License-Identifier: MIT
// One card is one GPU however many libraries list it. What tells cards apart is the place on the bus; serial numbers
// and UUIDs are never read.
#include <fmt/format.h>

#include <algorithm>

#include "probe/gpu_answer.h"
#include "probe/gpu_nvidia.h"

namespace lf::probe {
namespace {

constexpr std::uint16_t kNvidia = 0x10de;

facts::Gpu* at(std::vector<facts::Gpu>& gpus, const std::optional<std::string>& address) {
    if (!address) return nullptr;
    const auto found = std::find_if(gpus.begin(), gpus.end(), [&](const auto& gpu) { return gpu.address == *address; });
    return found == gpus.end() ? nullptr : &*found;
}

/// Jetson's GPU is not on PCI: NVML gives it no place.
facts::Gpu* built_in(std::vector<facts::Gpu>& gpus) {
    const auto found = std::find_if(gpus.begin(), gpus.end(), [](const auto& gpu) {
        return gpu.vendor == "nvidia" && gpu.address.starts_with("platform:");
    });
    return found == gpus.end() ? nullptr : &*found;
}

facts::Gpu* add(const NvmlCard& card, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    if (!card.address) return nullptr;
    facts::Gpu gpu;
    gpu.address = *card.address;
    gpu.vendor = "nvidia";
    gpu.vendor_id = kNvidia;
    gpu.device_id = card.device;
    gpu.driver = "nvidia";
    gpu.known_by["address"] = "NVML";
    describe_nvidia(gpu, notes);
    gpus.push_back(std::move(gpu));
    return &gpus.back();
}

void set_capability(const NvmlCard& card, facts::Gpu& gpu, std::vector<std::string>& notes) {
    if (!card.capability) return;
    if (gpu.compute_capability && *gpu.compute_capability != *card.capability)
        notes.push_back(fmt::format("NVML calls the card at {} {}, our table says {}: NVML is believed", gpu.address,
                                    *card.capability, *gpu.compute_capability));
    if (gpu.compute_capability != card.capability) gpu.known_by["compute_capability"] = "NVML";
    gpu.compute_capability = card.capability;
}

void set_partition(const NvmlCard& card, facts::Gpu& gpu) {
    if (gpu.partition || (!card.mig && !card.virtual_gpu)) return;
    gpu.partition = card.mig ? "mig" : "vf";
    gpu.known_by["partition"] = card.mig ? "NVML, MIG mode" : "NVML, a virtual GPU";
}

void hear(const NvmlAnswer& answer, const NvmlCard& card, facts::Gpu& gpu, std::vector<std::string>& notes) {
    if (gpu.device_id == 0 && card.device != 0 && !gpu.chip) {  // seen in /proc only, which does not tell the id
        gpu.device_id = card.device;
        describe_nvidia(gpu, notes);
    }
    set_capability(card, gpu, notes);
    // On one die with the CPU, NVML's number is the machine's memory: not its own.
    if (card.memory_mib && gpu.integrated != true) {
        gpu.memory_mib = card.memory_mib;
        gpu.known_by["memory_mib"] = "NVML";
    }
    if (!gpu.driver_version && answer.driver) {
        gpu.driver_version = answer.driver;
        gpu.known_by["driver_version"] = "NVML";
    }
    if (!gpu.name && card.name) {
        gpu.name = card.name;
        gpu.known_by["name"] = "NVML";
    }
    set_partition(card, gpu);
}

bool fits(const VulkanDevice& device, const facts::Gpu& gpu) {
    return gpu.vendor_id == device.vendor && (gpu.device_id == device.device || gpu.address.starts_with("platform:"));
}

/// By place, else the next card of these ids that this driver has not listed yet.
facts::Gpu* card_of(const VulkanDevice& device, std::vector<facts::Gpu>& gpus,
                    const std::vector<std::pair<std::string, std::string>>& listed) {
    if (device.address) return at(gpus, device.address);
    for (facts::Gpu& gpu : gpus)
        if (fits(device, gpu) &&
            std::find(listed.begin(), listed.end(), std::pair{gpu.address, device.driver}) == listed.end())
            return &gpu;
    return nullptr;
}

}  // namespace

void merge_nvml(const NvmlAnswer& answer, bool on_wsl, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    if (answer.failure) {
        notes.push_back(fmt::format("NVIDIA's library (NVML) says nothing: {}", *answer.failure));
        return;
    }
    for (const NvmlCard& card : answer.cards) {
        if (on_wsl) {
            notes.push_back(fmt::format("the driver of Windows shows {} (compute {}): nothing is planned for it",
                                        card.name.value_or("a card"), card.capability.value_or("unknown")));
            continue;
        }
        facts::Gpu* gpu = card.address ? at(gpus, card.address) : built_in(gpus);
        if (gpu == nullptr) gpu = add(card, gpus, notes);
        if (gpu != nullptr && gpu->vendor == "nvidia") hear(answer, card, *gpu, notes);
    }
}

void merge_vulkan(const VulkanAnswer& answer, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes) {
    if (answer.failure) {
        notes.push_back(fmt::format("the Vulkan loader says nothing: {}", *answer.failure));
        return;
    }
    std::vector<VulkanDevice> devices = answer.devices;
    std::stable_sort(devices.begin(), devices.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    std::vector<std::pair<std::string, std::string>> listed;  // address, driver
    listed.reserve(devices.size());
    for (const VulkanDevice& device : devices) {
        facts::Gpu* gpu = card_of(device, gpus, listed);
        if (gpu == nullptr) {
            notes.push_back(fmt::format("Vulkan ({}) lists a device {:04x}:{:04x} that the hardware does not show",
                                        device.driver, device.vendor, device.device));
            continue;
        }
        listed.emplace_back(gpu->address, device.driver);
        if (gpu->vulkan_driver) continue;  // a better driver has it already
        gpu->vulkan_driver = device.driver;
        gpu->known_by["vulkan_driver"] = "the Vulkan loader";
    }
}

}  // namespace lf::probe
