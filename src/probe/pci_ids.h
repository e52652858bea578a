// SPDX-License-Identifier: MIT
/// \file
/// \brief Names of PCI devices from the text of pci.ids, searched and not loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"

namespace lf::probe {

/// The file where the distributions and NixOS keep it; nullopt if none of the places has it.
std::optional<std::string> read_pci_ids(const FileSource& files);

/// The name of a device; nullopt if the text does not have it.
std::optional<std::string> pci_device_name(std::string_view pci_ids, std::uint16_t vendor, std::uint16_t device);

/// The name of a vendor; nullopt if the text does not have it.
std::optional<std::string> pci_vendor_name(std::string_view pci_ids, std::uint16_t vendor);

}  // namespace lf::probe
