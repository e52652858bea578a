// SPDX-License-Identifier: MIT
/// \file
/// \brief How many CPUs, cores, sockets and NUMA nodes: from /sys/devices/system, else from /proc/cpuinfo.
/// (doc/decisions/0002-own-topology.md says why not through hwloc.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// The numbers of a kernel list ("0-3,8"), ascending; empty if it is malformed, not in order, or has a number of
/// kMaxCpus or more.
std::vector<int> parse_cpu_list(std::string_view text);

/// The same for a mask of 32-bit words in hexadecimal, the highest first: "00000000,0000000f".
std::vector<int> parse_cpu_mask(std::string_view text);

/// The CPUs that a file in the form of a list names, or, where that is not there (before Linux 2.6.26, or taken apart
/// by a container), one in the form of a mask; empty if neither can be read.
std::vector<int> read_cpu_set(const FileSource& files, const std::string& list, const std::string& mask);

/// The online logical CPUs; empty if nothing tells.
std::vector<int> online_cpus(const FileSource& files);

/// The CPUs that are threads of the same core as `cpu`, itself too; empty if /sys does not tell.
std::vector<int> threads_of_core(const FileSource& files, int cpu);

/// Fills in cpus, offline_cpus, cores, sockets, numa_nodes and caches; kinds where the kernel groups the cores
/// (core_kinds.h).
void read_topology(const FileSource& files, facts::Cpu& cpu);

/// What of cpus, cores, sockets and numa_nodes is still unknown once everything was asked, a note each.
void note_unknown_topology(const facts::Cpu& cpu, std::vector<std::string>& notes);

}  // namespace lf::probe
