// SPDX-License-Identifier: MIT
/// \file
/// \brief Intel: PCI device id → family, architecture, discrete or integrated. No driver and no pci.ids needed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::probe {

/// Both ends belong to it. Sources: the kernel's include/drm/intel/pciids.h, and pci.ids for what is older.
struct IntelIdRange {
    std::uint16_t first, last;
    std::string_view chip;
};
std::span<const IntelIdRange> intel_id_ranges();

/// What llama.cpp can do with a family. Vulkan of Mesa: ANV from Skylake, HASVK for Ivy Bridge to Broadwell.
enum class IntelVulkan : std::uint8_t { none, old, yes };

struct IntelChip {
    std::string_view chip;          ///< "Battlemage", "Meteor Lake"
    std::string_view architecture;  ///< "Xe2-HPG", "Gen9.5"
    bool integrated;
    IntelVulkan vulkan;
};
std::span<const IntelChip> intel_chips();

/// nullptr if there is no such chip in the table.
const IntelChip* find_intel_chip(std::string_view chip);
std::optional<std::string_view> intel_chip_of(std::uint16_t device);

/// Bytes that a discrete card of this id has if its memory BAR has `bar` bytes: BARs are powers of two, so only where
/// every board of this id has such a size; nullopt else, and where the BAR is a window of 256 MiB (no resizable BAR).
std::optional<std::uint64_t> intel_memory_of_bar(std::uint16_t device, std::uint64_t bar);

/// Fills in chip, architecture and integrated. Requires: gpu.vendor_id is Intel's.
void describe_intel(facts::Gpu& gpu, std::vector<std::string>& notes);

}  // namespace lf::probe
