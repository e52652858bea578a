// SPDX-License-Identifier: MIT
/// \file
/// \brief CPUID and XCR0 → what the CPU is and can do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// Family, model and stepping as /proc/cpuinfo shows them, from leaf 1 EAX (Intel SDM vol. 2A, CPUID, figure 3-6).
struct Signature {
    int family = 0, model = 0, stepping = 0;
};
Signature signature(std::uint32_t leaf_1_eax);

/// The features of one CPU, those of use to systems only too, whose bits CPUID shows and whose registers are in
/// `saved`, a value of XCR0.
facts::FeatureSet shown_features(const MachineSource& source, int cpu, std::uint64_t saved);

/// The features of one CPU that code may use: CPUID has the bit *and* the operating system saves the registers.
facts::FeatureSet usable_features(const MachineSource& source, int cpu);

/// Fills in everything of `cpu` that CPUID tells. Requires: source.cpuid_cpus() is not empty.
void read_cpu_x86(const MachineSource& source, facts::Cpu& cpu, std::vector<std::string>& notes);

}  // namespace lf::probe
