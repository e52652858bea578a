// SPDX-License-Identifier: MIT
/// \file
/// \brief The machine while it is measured: what could spoil the numbers, as far as /proc and /sys tell.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "bench/result.h"

namespace lf::bench {

/// Before the first run: governor, power, load, memory, CPUs. What is known only afterwards is left empty.
Conditions read_conditions(const FileSource& machine);

/// CPU time and events that the kernel has counted so far.
struct Counters {
    std::optional<double> busy_seconds;  ///< of all CPUs together, ours included
    std::optional<std::int64_t> throttle_events;
    std::optional<std::int64_t> pages_swapped_in;
    std::map<std::string, double> programs;  ///< "clangd 4711" → seconds of CPU time
};
Counters read_counters(const FileSource& machine);

/// What lies between two readings, added to `conditions`. `own_seconds` is the CPU time that we and what we started
/// used, `wall_seconds` the time between them.
void add_counters(Conditions& conditions, const Counters& before, const Counters& after, double own_seconds,
                  double wall_seconds);

std::optional<double> load_average(const FileSource& machine);
/// "some avg60" of /proc/pressure/memory: percent of the last minute in which something waited for memory.
std::optional<double> memory_pressure(const FileSource& machine);

/// Physical cores among the CPUs that this process may use; at least 1. Hyper-threads share a core's vector units.
int usable_cores(const FileSource& machine);
/// CPUs that this process may use.
int usable_cpus();

/// The warnings that these conditions deserve; a remedy that is in use is not proposed.
std::vector<Warning> warnings_of(const Conditions& conditions);

}  // namespace lf::bench
