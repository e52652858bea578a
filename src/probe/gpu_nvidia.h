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
    std::string_view compute_capability;  ///< "" where no public source says it, and before CUDA
    bool integrated;
    std::string_view architecture;  ///< NVIDIA's name of the generation: "Ampere"
};
std::span<const NvidiaChip> nvidia_chips();

/// Made before CUDA (2006): no compute capability will ever be known of it.
bool is_before_cuda(const NvidiaChip& chip);

/// nullptr if there is no such chip in the table.
const NvidiaChip* find_nvidia_chip(std::string_view chip);

/// The chip by device id; nullopt outside of all blocks.
std::optional<std::string_view> nvidia_chip_of(std::uint16_t device);

/// The codename at the start of a name of pci.ids ("GA107BM [GeForce …]" → "GA107"); nullopt if there is none that the
/// table knows.
std::optional<std::string_view> nvidia_chip_named(std::string_view pci_name);

/// Fills in chip, architecture, compute_capability and integrated. The device id wins over the name: marketing names
/// are shared by different chips. Requires: gpu.vendor_id is NVIDIA's.
void describe_nvidia(facts::Gpu& gpu, std::vector<std::string>& notes);

/// The same where the chip is known already; `by` says how, for known_by.
void describe_nvidia_chip(facts::Gpu& gpu, const NvidiaChip& row, const std::string& by,
                          std::vector<std::string>& notes);

}  // namespace lf::probe
