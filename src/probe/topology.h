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

/// The online logical CPUs; empty if nothing tells.
std::vector<int> online_cpus(const FileSource& files);

/// Fills in cpus, cores, sockets and numa_nodes.
void read_topology(const FileSource& files, facts::Cpu& cpu, std::vector<std::string>& notes);

}  // namespace lf::probe
