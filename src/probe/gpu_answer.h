// SPDX-License-Identifier: MIT
/// \file
/// \brief The answers of Question::nvml and Question::vulkan, read as hostile text (their form: gpu_ask.h), and what
/// they add to the GPUs that the hardware showed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::probe {

struct NvmlCard {
    std::optional<std::string> address;  ///< on PCI
    std::uint16_t vendor = 0;            ///< 0 = not told, as the device
    std::uint16_t device = 0;
    std::optional<std::string> name;
    std::optional<std::string> capability;  ///< "9.0"
    std::optional<std::int64_t> memory_mib;
    bool mig = false;          ///< cut into instances
    bool virtual_gpu = false;  ///< a slice that a hypervisor gave this machine
};

struct NvmlAnswer {
    std::optional<std::string> driver;  ///< "580.82.07"
    std::vector<NvmlCard> cards;
    std::optional<std::string> failure;  ///< why there is nothing; then the rest is empty
};
NvmlAnswer parse_nvml(std::string_view text);

struct VulkanDevice {
    std::optional<std::string> address;
    std::uint32_t vendor = 0;
    std::uint32_t device = 0;
    std::uint32_t type = 0;  ///< VkPhysicalDeviceType
    std::string driver;      ///< "radv", "nvidia"; "driver-99" for one that our table does not have
    int rank = 0;            ///< the lowest is the one that ggml takes where two drivers list one card
};

struct VulkanAnswer {
    std::vector<VulkanDevice> devices;  ///< without programs that draw on the CPU
    std::optional<std::string> failure;
};
VulkanAnswer parse_vulkan(std::string_view text);

/// Adds what NVML knows to the cards of the same address. A card that only NVML shows (a container without /sys) is
/// added, `on_wsl` keeps it out: there the hardware is another system's.
void merge_nvml(const NvmlAnswer& answer, bool on_wsl, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes);

/// Sets vulkan_driver. A device without an address is the first card of its ids that has none yet.
void merge_vulkan(const VulkanAnswer& answer, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes);

}  // namespace lf::probe
