// SPDX-License-Identifier: MIT
/// \file
/// \brief AMD: PCI device id → chip → LLVM target (gfx…), with no driver needed; the kernel's own word wins.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// Both ends belong to it.
struct AmdIdRange {
    std::uint16_t first, last;
    std::string_view chip;
};
std::span<const AmdIdRange> amd_id_ranges();

struct AmdChip {
    std::string_view chip;  ///< as pci.ids spells it
    std::string_view gfx_target;
    bool integrated;
};
std::span<const AmdChip> amd_chips();

/// nullptr if there is no such chip in the table.
const AmdChip* find_amd_chip(std::string_view chip);

/// The chip by device id; nullopt if the table does not have the id.
std::optional<std::string_view> amd_chip_of(std::uint16_t device);

/// The codename at the start of a name of pci.ids ("Navi 31 [Radeon RX …]" → "Navi 31"), the longest that fits.
std::optional<std::string_view> amd_chip_named(std::string_view pci_name);

/// 110003 → "gfx1103": major*10000 + minor*100 + stepping, printed in hexadecimal digits (kernel, kfd_device.c);
/// nullopt for 0 (a CPU node) and for numbers that are none.
std::optional<std::string> gfx_of_target_version(std::uint64_t version);

/// The targets that the kernel reports under /sys/class/kfd, by PCI address; empty without that driver.
std::map<std::string, std::string> kfd_targets(const FileSource& files);

/// Fills in chip, gfx_target and integrated. Requires: gpu.vendor_id is AMD's.
void describe_amd(facts::Gpu& gpu, const std::map<std::string, std::string>& kfd, std::vector<std::string>& notes);

}  // namespace lf::probe
