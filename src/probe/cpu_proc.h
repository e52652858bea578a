// SPDX-License-Identifier: MIT
/// \file
/// \brief /proc/cpuinfo → what the CPU is and can do, where there is no CPUID to ask.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "facts/machine.h"

namespace lf::probe {

/// One processor's lines of /proc/cpuinfo. Points into the text.
struct CpuinfoBlock {
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    std::optional<std::string_view> find(std::string_view key) const;
};

/// One block for each `processor`, kMaxCpus at most; what stands before the first belongs to the first.
std::vector<CpuinfoBlock> parse_cpuinfo(std::string_view cpuinfo);

/// `uname -m` as far as the text of /proc/cpuinfo tells it; "unknown" if it does not.
std::string architecture_of(std::string_view cpuinfo);

/// Fills in vendor, names, numbers and features of `cpu` (cpu.architecture is already there). On x86 only the features
/// that we know are taken, on other architectures all.
void read_cpu_proc(std::string_view cpuinfo, facts::Cpu& cpu, std::vector<std::string>& notes);

}  // namespace lf::probe
