// SPDX-License-Identifier: MIT
/// \file
/// \brief Facts of a machine. The only layer that meets /sys, /proc and CPUID.
#pragma once

#include <string>

#include "base/result.h"
#include "facts/machine.h"
#include "probe/source.h"

namespace lf::probe {

/// The facts of `source` under the name `host`, which is what the owner's flake calls the machine; its own host name is
/// never read. What cannot be read is nullopt and a note, never an error.
/// Errors: "host-name" (not a name that facts::is_host_name accepts).
Result<facts::Machine> probe(const MachineSource& source, const std::string& host);

}  // namespace lf::probe
