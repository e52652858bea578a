// SPDX-License-Identifier: MIT
/// \file
/// \brief What the files of one PCI device tell beyond its ids: memory, partition, driver's version, what it shares.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// The folder of a device in /sys.
std::string device_folder(const facts::Gpu& gpu);

/// Fills in memory_mib, shared_mib, driver_version, partition, and `integrated` where the tables did not. Sources:
/// amdgpu's mem_info_*, xe's tile*/physical_vram_size_bytes, i915's lmem_total_bytes, BAR 2 of a discrete Intel card,
/// /sys/module/<driver>/version, /proc/driver/nvidia. Notes say what a program cannot use: cards given to virtual
/// machines, virtual functions, cards cut into instances.
void read_device(const FileSource& files, facts::Gpu& gpu, std::vector<std::string>& notes);

/// The version in the text of /proc/driver/nvidia/version; the two kinds of modules write it at different places:
/// "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  …", "NVRM version: NVIDIA UNIX Open Kernel Module for
/// x86_64  580.82.07  …".
std::optional<std::string> nvidia_version_in(std::string_view text);

}  // namespace lf::probe
