// SPDX-License-Identifier: MIT
/// \file
/// \brief Writes a machine as a folder of text files from which the same facts come out.
#pragma once

#include <string>

#include "base/result.h"
#include "probe/source.h"

namespace lf::probe {

/// Runs the probe on `source` and writes every file it asked for into `folder`, which must not exist or be empty, with
/// the CPUID answers and the lines of pci.ids that were needed. Serial numbers are left out (`Serial` of
/// /proc/cpuinfo, `unique_id` of /sys/class/kfd). Errors: "capture-exists", file errors of base/files.h.
Done capture(const MachineSource& source, const std::string& folder);

}  // namespace lf::probe
