// SPDX-License-Identifier: MIT
/// \file
/// \brief CPUID → the caches that one x86 CPU sees.
#pragma once

#include <optional>
#include <vector>

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

struct SeenCache {
    facts::Cache cache;                    ///< without `instances`
    std::optional<unsigned> sharing_bits;  ///< CPUs whose APIC ids are equal above these share it; nullopt: not told
};

/// From leaf 4 (Intel, Zhaoxin), 0x8000001D (AMD with topology extensions), else 0x80000005 and 0x80000006 (AMD) or
/// the descriptors of leaf 2 (Intel). Empty if none of them is there.
std::vector<SeenCache> x86_caches(const MachineSource& source, int cpu);

/// The bits that `count` numbers need: 1 → 0, 2 → 1, 12 → 4.
unsigned bits_for(std::uint32_t count);

}  // namespace lf::probe
