// SPDX-License-Identifier: MIT
/// \file
/// \brief ARM's ID registers, out of a dump → the /proc/cpuinfo that Linux would show there.
#pragma once

#include <map>
#include <string>

#include "probe/raw_dump.h"

namespace lf::probe {

/// "aarch64" if some core has the registers of 64-bit state, else "armv7l".
std::string arm_architecture(const std::map<int, ArmRegisters>& cores);

/// One block for each core with implementer, variant, part, revision and the features that Linux derives from these
/// registers (arch/arm64/kernel/cpufeature.c, arm64_elf_hwcaps; arch/arm/kernel/setup.c for 32 bits).
std::string arm_cpuinfo(const std::map<int, ArmRegisters>& cores);

}  // namespace lf::probe
