// SPDX-License-Identifier: MIT
/// \file
/// \brief The display devices of a machine, each with what its vendor's tables say.
#pragma once

#include <string>
#include <vector>

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// By PCI address.
std::vector<facts::Gpu> read_gpus(const MachineSource& source, std::vector<std::string>& notes);

}  // namespace lf::probe
