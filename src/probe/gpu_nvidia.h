// SPDX-License-Identifier: MIT
/// \file
/// \brief NVIDIA: PCI device id → chip → compute capability, with no driver and no pci.ids needed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "facts/machine.h"

namespace lf::probe {

/// Device ids are given out in blocks, one a chip. Both ends belong to it.
struct NvidiaIdRange {
    std::uint16_t first, last;
    std::string_view chip;
};
std::span<const NvidiaIdRange> nvidia_id_ranges();

struct NvidiaChip {
    std::string_view chip;
    std::string_view compute_capability;  ///< "" where no public source says it
    bool integrated;
};
std::span<const NvidiaChip> nvidia_chips();

/// nullptr if there is no such chip in the table.
const NvidiaChip* find_nvidia_chip(std::string_view chip);

/// The chip by device id; nullopt outside of all blocks.
std::optional<std::string_view> nvidia_chip_of(std::uint16_t device);

/// The codename at the start of a name of pci.ids ("GA107BM [GeForce …]" → "GA107"); nullopt if there is none that the
/// table knows.
std::optional<std::string_view> nvidia_chip_named(std::string_view pci_name);

/// Fills in chip, compute_capability and integrated. The device id wins over the name: marketing names are shared by
/// different chips. Requires: gpu.vendor_id is NVIDIA's.
void describe_nvidia(facts::Gpu& gpu, std::vector<std::string>& notes);

}  // namespace lf::probe
