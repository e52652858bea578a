// SPDX-License-Identifier: MIT
/// \file
/// \brief What every CPU of a design has, so that what a machine hides of it can be said.
#pragma once

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// What compilers can use of cpu.microarchitecture and this CPU does not show on any core. Empty where the design is
/// unknown. Features that Intel switches off in what it sells as Celeron and Pentium do not count there, and none whose
/// leaf of CPUID `source` does not hold.
facts::FeatureSet masked_features(const MachineSource& source, const facts::Cpu& cpu);

}  // namespace lf::probe
