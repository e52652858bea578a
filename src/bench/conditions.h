// SPDX-License-Identifier: MIT
/// \file
/// \brief What could spoil the numbers, as far as /proc and /sys tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "bench/result.h"

namespace lf::bench {

/// Governor, load, virtual machine. CPUs and threads are the caller's to fill in.
Conditions read_conditions(const FileSource& machine);

std::optional<double> load_average(const FileSource& machine);

/// Physical cores among the CPUs that this process may use; at least 1. Hyper-threads share a core's vector units.
int usable_cores(const FileSource& machine);
/// CPUs that this process may use.
int usable_cpus();

/// The warnings that these conditions deserve.
std::vector<Warning> warnings_of(const Conditions& conditions);

}  // namespace lf::bench
