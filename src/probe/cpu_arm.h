// SPDX-License-Identifier: MIT
/// \file
/// \brief ARM, 64 and 32 bits: features from HWCAP or /proc/cpuinfo, cores by MIDR_EL1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// The features that the words of the ELF auxiliary vector stand for, as /proc/cpuinfo names them
/// (Linux, arch/arm64/include/uapi/asm/hwcap.h and arch/arm64/kernel/cpuinfo.c). Bits beyond the table are left out.
facts::FeatureSet arm_features(std::uint64_t hwcap, std::uint64_t hwcap2, std::uint64_t hwcap3);

/// Fills in vendor, microarchitecture, features and kinds. `cpuinfo`: the text of /proc/cpuinfo, "" if there is none.
/// Linux gives features for the machine as a whole: those of every core
/// (Documentation/arch/arm64/cpu-feature-registers.rst).
void read_cpu_arm(const MachineSource& source, std::string_view cpuinfo, facts::Cpu& cpu,
                  std::vector<std::string>& notes);

}  // namespace lf::probe
