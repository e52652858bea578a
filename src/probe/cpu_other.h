// SPDX-License-Identifier: MIT
/// \file
/// \brief CPUs that are neither x86 nor ARM: what /proc/cpuinfo says plainly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"

namespace lf::probe {

/// Fills in vendor, model_name, microarchitecture and features. RISC-V: the extensions of "isa", each by its own name,
/// those that every hart has. POWER: "power9" and "altivec". s390: the generation by its machine type. What a kernel
/// does not write stays unknown. Fields: Linux, arch/*/kernel (show_cpuinfo).
void read_cpu_other(std::string_view cpuinfo, facts::Cpu& cpu, std::vector<std::string>& notes);

}  // namespace lf::probe
