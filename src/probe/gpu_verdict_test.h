// SPDX-License-Identifier: MIT
/// \file
/// \brief For tests: what our tables say of each display device that a pci.ids names.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "probe/gpu_amd.h"
#include "probe/gpu_intel.h"
#include "probe/gpu_nvidia.h"

namespace lf::probe {

enum class Verdict : std::uint8_t { target, vulkan, too_old, no_driver, unpublished, unknown };

constexpr std::string_view words_of(Verdict verdict) {
    constexpr std::string_view kWords[] = {"target",    "Vulkan",        "too old",
                                           "no driver", "not published", "unknown by name"};
    return kWords[static_cast<std::uint8_t>(verdict)];
}

struct Judged {
    Verdict verdict = Verdict::unknown;
    std::string chip;
    std::string architecture;
    std::string target;  ///< "8.6", "gfx1100"; "" = none
};

/// llama.cpp's CUDA begins at 5.0, its ROCm at gfx803 (with a toolkit that old); what is older may still have Vulkan.
inline Judged judge_nvidia(std::uint16_t device, const std::string& name) {
    auto chip = nvidia_chip_of(device);
    if (!chip) chip = nvidia_chip_named(name);
    if (!chip) return {};
    const NvidiaChip& row = *find_nvidia_chip(*chip);
    Judged out{Verdict::target, std::string(*chip), std::string(row.architecture), std::string(row.compute_capability)};
    if (is_before_cuda(row) || row.architecture == "Tesla" || row.architecture == "Fermi")
        out.verdict = Verdict::too_old;
    else if (row.architecture == "Kepler") out.verdict = Verdict::vulkan;
    else if (row.compute_capability.empty()) out.verdict = Verdict::unpublished;
    return out;
}

inline Judged judge_amd(std::uint16_t device, const std::string& name) {
    auto chip = amd_chip_of(device);
    if (!chip) chip = amd_chip_named(name);
    if (!chip) return {};
    const AmdChip& row = *find_amd_chip(*chip);
    Judged out{Verdict::target, std::string(*chip), std::string(row.architecture), std::string(row.gfx_target)};
    if (row.gfx_target.empty()) out.verdict = Verdict::too_old;
    else if (row.architecture.starts_with("GCN") && row.architecture != "GCN5") out.verdict = Verdict::vulkan;
    return out;
}

inline Judged judge_intel(std::uint16_t device) {
    const auto chip = intel_chip_of(device);
    if (!chip) return {};
    const IntelChip& row = *find_intel_chip(*chip);
    // Intel's cards for computing are new enough, and have no graphics that Mesa would serve.
    const bool computes = row.architecture == "Xe-HP" || row.architecture == "Xe-HPC" || row.architecture == "Xe3P";
    const Verdict none = computes ? Verdict::no_driver : Verdict::too_old;
    return {row.vulkan != IntelVulkan::none ? Verdict::vulkan : none, std::string(*chip), std::string(row.architecture),
            ""};
}

inline Judged judge(std::uint16_t vendor, std::uint16_t device, const std::string& name) {
    if (vendor == 0x10de) return judge_nvidia(device, name);
    return vendor == 0x1002 ? judge_amd(device, name) : judge_intel(device);
}

inline bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words)
        if (text.find(word) != std::string_view::npos) return true;
    return false;
}

/// pci.ids has no classes: whether a device draws or computes can only be told by its name, or by our tables.
inline bool is_display(std::uint16_t vendor, std::uint16_t device, const std::string& name) {
    if (contains_any(name, {"Audio",      "USB",         "UCSI",         "Switch",       "switch",  "Bridge",
                            "bridge",     "PCIe x",      "PCI Express",  "HDMI",         "SD/MMC",  "SATA",
                            "Serial ATA", "AHCI",        "IDE",          "Ethernet",     "SMBus",   "Memory Controller",
                            "Host",       "HOST",        "LPC",          "ISA",          "Modem",   "Hub",
                            "Sensor",     "RAID",        "SPDIF",        "AC'97",        "Root",    "Port",
                            "IOMMU",      "Northbridge", "Co-Processor", "Co-processor", "Theater", "absent"}))
        return false;
    if (vendor != 0x8086 && judge(vendor, device, name).verdict != Verdict::unknown) return true;
    if (vendor == 0x10de)
        return contains_any(name,
                            {"GeForce", "Quadro", "Tesla", "NVS", "RTX", "GTX", "TITAN", "Riva", "Vanta", "GRID"});
    if (vendor == 0x1002)
        return contains_any(name, {"Radeon", "FirePro", "FireGL", "FireMV", "FireStream", "Instinct", "Rage", "Mach64",
                                   "Graphics", "XENOS", "Xpress 1", "Xpress 2", "APU", "Zhongshan"});
    return contains_any(name, {"Graphics", "DG1", "DG2", "SG1", "Arc ", "Iris", "Battlemage", "Ponte Vecchio", "ATS-M",
                               "Arctic Sound", "AlderLake-"}) &&
           !contains_any(name, {"Processing", "GMCH (", "Graphics Memory"});
}

/// Every device of a vendor in a pci.ids.
inline std::map<std::uint16_t, std::string> devices_of(std::string_view text, std::string_view vendor) {
    std::map<std::uint16_t, std::string> out;
    bool inside = false;
    for (const std::string_view line : lines(text)) {
        if (line.empty() || line.front() == '#') continue;
        if (line.front() != '\t') inside = line.starts_with(vendor);
        else if (inside && line.size() > 7 && line[1] != '\t')
            out[static_cast<std::uint16_t>(*parse_unsigned(line.substr(1, 4), 16))] = std::string(line.substr(7));
    }
    return out;
}

/// "2026.10.24" of a pci.ids; "" if it does not say.
inline std::string version_of(std::string_view text) {
    for (const std::string_view line : lines(text.substr(0, 2000)))
        if (const std::size_t found = line.find("Version: "); found != std::string_view::npos)
            return std::string(trim(line.substr(found + 9)));
    return "";
}

/// The system's pci.ids, and Debian sid's where tests/probe/current_pci_ids.py unpacked it (LLAMA_FLEET_PCI_IDS).
inline std::vector<std::string> pci_ids_at_hand() {
    std::vector<std::string> out;
    const char* newer = std::getenv("LLAMA_FLEET_PCI_IDS");
    for (const std::string& path : {std::string("/usr/share/misc/pci.ids"), std::string(newer == nullptr ? "" : newer)})
        if (auto text = read_file(path)) out.push_back(std::move(*text));
    return out;
}

}  // namespace lf::probe
