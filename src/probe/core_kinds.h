// SPDX-License-Identifier: MIT
/// \file
/// \brief Which CPUs are cores of which kind, as far as the kernel tells.
#pragma once

#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// One kind and its online CPUs, before they are counted.
struct KindOfCpus {
    facts::CoreKind kind;
    std::vector<int> cpus;  ///< ascending
};

/// Fills in `cpus` and `cores` of the kinds and puts them into `cpu`, the most capable first.
void store_kinds(const FileSource& files, std::vector<KindOfCpus> kinds, facts::Cpu& cpu);

/// Intel's hybrid CPUs: the groups /sys/devices/cpu_core, cpu_atom and cpu_lowpower, which perf makes. Their names are
/// those of cpu.microarchitecture, which must be there before. Linux counts a low-power island as cpu_atom too.
/// Nothing is changed where the kernel has no such groups.
void read_core_kinds(const FileSource& files, const std::vector<int>& online, facts::Cpu& cpu);

/// The kernel's measure of how capable a CPU is against the best of the machine, 1024 = the best
/// (Documentation/scheduler/sched-capacity.rst); nullopt where it is not told.
std::optional<int> cpu_capacity(const FileSource& files, int cpu);

}  // namespace lf::probe
