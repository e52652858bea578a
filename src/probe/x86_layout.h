// SPDX-License-Identifier: MIT
/// \file
/// \brief CPUID → cores, sockets, kinds of cores and caches of an x86 machine, where no /sys tells them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// CPUs of one kind in one socket.
struct X86Group {
    std::optional<std::string> role;       ///< as facts::CoreKind
    std::optional<std::uint32_t> package;  ///< its number; nullopt: unknown
    std::vector<int> cpus;                 ///< those with a dump
    int logical = 0;                       ///< how many: those, or what a single dump declares
    std::optional<int> cores;
    std::vector<facts::Cache> caches;  ///< with `instances` where the APIC ids tell them
};

/// In the order of the first CPU of each.
std::vector<X86Group> x86_groups(const MachineSource& source);

/// Fills in what `cpu` does not know yet of cpus, cores, sockets, kinds and caches. Kinds of a hybrid CPU are replaced:
/// CPUID tells low-power islands apart, the kernel's groups do not. Where fewer CPUs were asked than are online
/// (cpu.cpus), they do not speak for the others, and cores, sockets and kinds stay as they are.
/// Requires: cpu.family and the like are there, source.cpuid_cpus() is not empty.
void read_x86_layout(const MachineSource& source, facts::Cpu& cpu);

}  // namespace lf::probe
