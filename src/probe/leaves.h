// SPDX-License-Identifier: MIT
/// \file
/// \brief Asking a source for a leaf of CPUID that the CPU really has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "probe/source.h"

namespace lf::probe {

inline constexpr std::uint32_t kExtendedLeaves = 0x80000000;
inline constexpr std::uint32_t kHypervisorLeaves = 0x40000000;

/// nullopt where the leaf is beyond the highest of its range: Intel CPUs answer there with another leaf's values.
std::optional<Registers> leaf(const MachineSource& source, int cpu, std::uint32_t number, std::uint32_t subleaf = 0);

/// `width` bits of `value` from bit `low` on.
constexpr std::uint32_t bits(std::uint32_t value, unsigned low, unsigned width) {
    return width >= 32 ? value >> low : (value >> low) & ((std::uint32_t{1} << width) - 1);
}

/// "GenuineIntel"; empty if leaf 0 is not there.
std::string vendor_of(const MachineSource& source, int cpu);

}  // namespace lf::probe
