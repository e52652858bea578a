// SPDX-License-Identifier: MIT
/// \file
/// \brief GPUs that /sys/bus/pci does not show: Jetson's, a Windows host's under WSL, a container's without /sys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// The GPU of an NVIDIA Tegra chip by the device tree's `compatible`: address "platform:17000000.gpu", chip,
/// capability. Thor's is on PCI and not added here.
void add_tegra(const FileSource& files, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes);

bool is_wsl(const FileSource& files);  ///< /dev/dxg is there
/// "wsl:dxg", of the vendor "other": which card it stands for only Windows knows. Takes out the stand-in that the
/// same GPU has on PCI (1414:008e).
void add_wsl(std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes);

/// Cards that NVIDIA's driver lists under /proc and the PCI bus does not show; a note where only device files are.
void add_proc_nvidia(const FileSource& files, std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes);

}  // namespace lf::probe
