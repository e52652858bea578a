// SPDX-License-Identifier: MIT
/// \file
/// \brief The caches of the whole machine, as the kernel describes them.
#pragma once

#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// Those that serve `online` CPUs, by level, then type, the largest first; empty if nothing tells. Read from
/// /sys/devices/system/cpu/cpu*/cache (Documentation/ABI/testing/sysfs-devices-system-cpu); on SPARC from the files
/// beside it, on s390 without those from /proc/cpuinfo, which does not tell how many there are of a shared one.
std::vector<facts::Cache> read_caches(const FileSource& files, const std::vector<int>& online,
                                      std::string_view architecture);

}  // namespace lf::probe
