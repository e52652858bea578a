// SPDX-License-Identifier: MIT
/// \file
/// \brief Is a dump of CPUID whole, or does it end in the middle?
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "probe/raw_dump.h"

namespace lf::probe {

/// Takes the last CPU out if the dump ends in the middle of it: it lacks a leaf with features of CPU 0 that it
/// promises itself (leaves 0 and 0x80000000 give the highest). A CPU that ends before its leaf 0x80000001 stays if
/// there is no other. A note says so in both cases. Error: "cpuid-dump" where CPU 0 lacks leaf 0 or 1, without which
/// nobody can say what CPU it is.
Done check_whole(RawDump& dump, const std::string& file, std::vector<std::string>& notes);

/// Has the CPU the 64-bit mode? Where its leaf 0x80000001 was not recorded, by what only such CPUs have: cmpxchg16b,
/// AVX, or AMD's families from 15 on.
bool is_64_bit(const CpuDump& dump);

}  // namespace lf::probe
