// SPDX-License-Identifier: MIT
/// \file
/// \brief The memory modules of a machine, as the firmware lists them (SMBIOS) or the memory controller's driver
/// (EDAC).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// A slot that holds memory.
struct MemoryDevice {
    std::int64_t mib = 0;
    std::string type;              ///< "DDR5", "LPDDR5"; "" = not told
    std::optional<int> mts;        ///< configured speed, mega transfers a second; else what the module can do
    std::optional<int> data_bits;  ///< width of its data path
    std::string channel;           ///< one word for processor, controller and channel, as far as named; "" = not told
    bool operator==(const MemoryDevice&) const = default;
};

/// Where Linux shows the table of the firmware; root only.
inline constexpr std::string_view kDmiTable = "/sys/firmware/dmi/tables/DMI";

/// The memory devices (structures of type 17, SMBIOS 3.7 chapter 7.18) that hold memory. nullopt if the bytes are no
/// table. Strings other than the names of channels are never looked at; serial numbers stay behind.
std::optional<std::vector<MemoryDevice>> parse_smbios_memory(std::string_view table);

/// The same as text, which is what a capture keeps in the place of the table: a first line that says what it is, then
/// "mib 16384 type DDR5 mts 5600 bits 64 channel p0-channela" a device, "-" for what is not told.
std::string format_memory_devices(const std::vector<MemoryDevice>& devices);
std::optional<std::vector<MemoryDevice>> parse_memory_devices(std::string_view text);

/// Fills memory_type, memory_mts and memory_channels of `environment`: from the firmware's table where it may be read,
/// else from /sys/devices/system/edac. What stays unknown is a note.
void read_memory_devices(const FileSource& files, facts::Environment& environment);

}  // namespace lf::probe
