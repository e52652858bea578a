// SPDX-License-Identifier: MIT
/// \file
/// \brief What of a machine may change from day to day: system, Nix, limits, memory modules, power.
#pragma once

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// Starts no process. What cannot be read is nullopt, and a note in the environment's own notes where it is worth one.
/// `online` = how many CPUs the machine has, as far as known.
facts::Environment read_environment(const MachineSource& source, std::optional<int> online);

/// Of 1, 2, 5, 10, 20, 50, 100 … the greatest that is not above `gib`; 0 below 1.
std::int64_t rounded_gib(std::uint64_t gib);

}  // namespace lf::probe
