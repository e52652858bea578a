// SPDX-License-Identifier: MIT
/// \file
/// \brief Writes a machine as a folder of text files from which the same facts come out.
#pragma once

#include <string>

#include "base/result.h"
#include "probe/source.h"

namespace lf::probe {

/// Runs the probe on `source` and writes every file it asked for into `folder`, which must not exist or be empty, with
/// the CPUID answers, the other answers and the lines of pci.ids that were needed. What names one machine among its
/// equals, or is secret, is not in it (blanking.h); doc/facts.md says what is. Errors: "capture-exists",
/// "capture-differs" (probing the folder gives other facts), file errors of base/files.h.
Done capture(const MachineSource& source, const std::string& folder);

}  // namespace lf::probe
