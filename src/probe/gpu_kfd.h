// SPDX-License-Identifier: MIT
/// \file
/// \brief What the kernel itself says of AMD GPUs: KFD's topology and the version of the graphics core.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/files.h"

namespace lf::probe {

/// 110003 → "gfx1103": major*10000 + minor*100 + stepping, printed in hexadecimal digits (kernel, kfd_device.c);
/// nullopt for 0 (a CPU node) and for numbers that are none.
std::optional<std::string> gfx_of_target_version(std::uint64_t version);

struct KfdCards {
    std::map<std::string, std::string> targets;  ///< by PCI address
    bool complete = false;                       ///< every node could be read: a card that is not in `targets` has none
};

/// What the kernel reports under /sys/class/kfd; nothing, and not complete, without that driver.
KfdCards kfd_cards(const FileSource& files);

struct GraphicsCore {
    std::uint64_t major, minor, revision;
    bool operator==(const GraphicsCore&) const = default;
};

/// "11.0.1" → "gfx1103": the two numbers are not the same (kernel, kfd_device.c); nullopt for one that the table does
/// not have.
std::optional<std::string> gfx_of_graphics_core(const GraphicsCore& core);

/// The version that a device's firmware tells (…/ip_discovery/die/0/GC/0, Linux 5.17 and newer); `folder` is the
/// device's in /sys.
std::optional<GraphicsCore> graphics_core(const FileSource& files, const std::string& folder);

}  // namespace lf::probe
