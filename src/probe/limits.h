// SPDX-License-Identifier: MIT
/// \file
/// \brief What the control groups that we are in allow: CPU time and memory.
#pragma once

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// cpu_limit_milli (the smallest quota of our cgroup and those above it, cpusets smaller than the machine too) and
/// memory_limit_mib of `environment`; nullopt where there is no limit. cgroup v1 and v2 (kernel documentation,
/// admin-guide/cgroup-v1 and cgroup-v2.rst). `online` = how many CPUs the machine has, 0 = not known.
void read_limits(const FileSource& files, int online, facts::Environment& environment);

}  // namespace lf::probe
