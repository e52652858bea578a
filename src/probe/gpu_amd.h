// SPDX-License-Identifier: MIT
/// \file
/// \brief AMD: PCI device id → chip → LLVM target (gfx…), with no driver needed; the kernel's own word wins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::probe {

/// Both ends belong to it.
struct AmdIdRange {
    std::uint16_t first, last;
    std::string_view chip;
};
std::span<const AmdIdRange> amd_id_ranges();

struct AmdChip {
    std::string_view chip;        ///< as pci.ids spells it
    std::string_view gfx_target;  ///< "" = older than GCN: there is none
    bool integrated;
    std::string_view architecture;  ///< "RDNA3", "CDNA2", "GCN4"
};
std::span<const AmdChip> amd_chips();

/// nullptr if there is no such chip in the table.
const AmdChip* find_amd_chip(std::string_view chip);

/// The chip by device id; nullopt if the table does not have the id.
std::optional<std::string_view> amd_chip_of(std::uint16_t device);

/// The codename at the start of a name of pci.ids ("Navi 31 [Radeon RX …]" → "Navi 31"), the longest that fits.
std::optional<std::string_view> amd_chip_named(std::string_view pci_name);

/// What the kernel says of one card, nullopt where it says nothing.
struct AmdWord {
    std::optional<std::string> kfd;   ///< the target in KFD's topology
    std::optional<std::string> core;  ///< the target of the graphics core's version
};

/// Fills in chip, architecture, gfx_target and integrated. KFD's word wins over the table; the core's version serves
/// where neither knows. Requires: gpu.vendor_id is AMD's.
void describe_amd(facts::Gpu& gpu, const AmdWord& kernel, std::vector<std::string>& notes);

}  // namespace lf::probe
