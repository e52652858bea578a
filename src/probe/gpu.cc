// SPDX-License-Identifier: MIT
#include "probe/gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probe/gpu_amd.h"
#include "probe/gpu_nvidia.h"
#include "probe/pci.h"
#include "probe/pci_ids.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::uint16_t kNvidia = 0x10de;
constexpr std::uint16_t kAmd = 0x1002;
constexpr std::uint16_t kIntel = 0x8086;

struct IntelIdRange {
    std::uint16_t first, last;
};

// Intel's cards with memory of their own: Ponte Vecchio, DG1, DG2 (Arc A, Flex), Battlemage (Arc B). Names do not tell:
// Meteor Lake's integrated GPU is called "Arc" too.
constexpr std::array<IntelIdRange, 7> kIntelDiscrete = {{{0x0b69, 0x0b6e},
                                                         {0x0bd0, 0x0bdb},
                                                         {0x4905, 0x4909},
                                                         {0x4f80, 0x4f88},
                                                         {0x5690, 0x56bf},
                                                         {0x56c0, 0x56c2},
                                                         {0xe202, 0xe223}}};

bool is_intel_discrete(std::uint16_t device) {
    return std::any_of(kIntelDiscrete.begin(), kIntelDiscrete.end(),
                       [&](const IntelIdRange& range) { return range.first <= device && device <= range.last; });
}

/// Intel's integrated GPUs have sat at this address since the first of them (Intel graphics manuals, vol. "PCI").
bool is_intel_integrated_place(const std::string& address) { return address == "0000:00:02.0"; }

void describe_intel(facts::Gpu& gpu) {
    if (is_intel_discrete(gpu.device_id)) gpu.integrated = false;
    else if (is_intel_integrated_place(gpu.pci_address)) gpu.integrated = true;
}

std::string vendor_word(std::uint16_t vendor) {
    switch (vendor) {
        case kNvidia: return "nvidia";
        case kAmd: return "amd";
        case kIntel: return "intel";
        default: return "other";
    }
}

facts::Gpu start(const PciDevice& device, const std::optional<std::string>& pci_ids, std::vector<std::string>& notes) {
    facts::Gpu gpu;
    gpu.pci_address = device.address;
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

}  // namespace

std::vector<facts::Gpu> read_gpus(const MachineSource& source, std::vector<std::string>& notes) {
    const std::vector<PciDevice> devices = display_devices(source.files(), notes);
    if (devices.empty()) return {};
    std::optional<std::string> pci_ids = source.pci_ids();
    if (pci_ids && pci_ids->empty()) pci_ids.reset();  // the capture of a machine without one
    if (!pci_ids) notes.emplace_back("GPUs have no names: there is no pci.ids (Debian: pci.ids, NixOS: hwdata)");
    const bool has_amd = std::any_of(devices.begin(), devices.end(), [](const auto& d) { return d.vendor == kAmd; });
    const auto kfd = has_amd ? kfd_targets(source.files()) : std::map<std::string, std::string>{};
    std::vector<facts::Gpu> out;
    for (const PciDevice& device : devices) {
        facts::Gpu gpu = start(device, pci_ids, notes);
        if (device.vendor == kNvidia) describe_nvidia(gpu, notes);
        else if (device.vendor == kAmd) describe_amd(gpu, kfd, notes);
        else if (device.vendor == kIntel) describe_intel(gpu);
        else gpu.integrated = false;
        out.push_back(std::move(gpu));
    }
    return out;
}

}  // namespace lf::probe
