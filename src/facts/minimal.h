// SPDX-License-Identifier: MIT
/// \file
/// \brief Facts for people who give away as little as they can.
#pragma once

#include "facts/machine.h"

namespace lf::facts {

/// Only what a plan or its texts depend on: architecture, features, counts of CPUs and cores, the gccarch of a build,
/// GPUs by id, target, driver and memory. Dropped: name, vendor, family, model, stepping, microarchitecture, MIDR,
/// caches, sockets and NUMA nodes of the CPU, the environment, notes, and where in the machine a GPU sits (the
/// addresses are numbered anew, in order). The plan of minimal facts asks for the same as that of the full ones; only
/// its texts about what was dropped are shorter.
Machine minimal(const Machine& machine);

}  // namespace lf::facts
