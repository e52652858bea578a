// SPDX-License-Identifier: MIT
/// \file
/// \brief The display devices of the PCI bus, from /sys/bus/pci/devices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace lf::probe {

struct PciDevice {
    std::string address;  ///< "0000:01:00.0"
    std::uint16_t vendor = 0;
    std::uint16_t device = 0;
    std::uint32_t class_code = 0;  ///< 24 bits: class, subclass, programming interface
    std::optional<std::string> driver;
};

/// false: neither a list of devices nor a /sys that has no PCI bus: nothing can be said.
bool can_list_devices(const FileSource& files);

/// Could every device be told to be a display device or not, and which one it is?
bool can_tell_devices(const FileSource& files);

/// Devices of the classes 0300 (VGA), 0302 (3D), 0380 (other display) and, of AMD alone, 1200 (accelerator), by
/// address. A machine without a PCI bus has none; that is no reason for a note.
std::vector<PciDevice> display_devices(const FileSource& files, std::vector<std::string>& notes);

}  // namespace lf::probe
