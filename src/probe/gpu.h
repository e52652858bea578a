// SPDX-License-Identifier: MIT
/// \file
/// \brief The display devices of a machine, each with what its vendor's tables say.
#pragma once

#include <string>
#include <vector>

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// false: /sys does not say which devices there are, or what one of them is, so that no GPU found does not mean that
/// there is none.
bool can_tell_gpus(const FileSource& files);

/// By PCI address.
std::vector<facts::Gpu> read_gpus(const MachineSource& source, std::vector<std::string>& notes);

}  // namespace lf::probe
