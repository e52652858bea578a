// SPDX-License-Identifier: MIT
/// \file
/// \brief Dumps of CPUID that other programs write → what each logical CPU answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "probe/cpuid.h"

namespace lf::probe {

/// The ID registers of one ARM core, by name: {"midr", 0x410fd493}, {"id_aa64isar0", …}.
using ArmRegisters = std::map<std::string, std::uint64_t, std::less<>>;

/// What a file tells of a machine; one of the two maps is empty. CPUs are numbered from 0 as the file does.
struct RawDump {
    std::map<int, CpuDump> cpus;
    std::map<int, ArmRegisters> arm;
};

/// Reads, whatever stands between the lines it knows,
///   AIDA64, InstLatx64   "CPUID 00000007: 00000000-219C91A9-00400004-00000000 [SL 00]", with or without the subleaf;
///                        "Logical CPU #3", "CPUID Registers (CPU #3)" or "CPU#003 AffMask" begins another CPU
///   libcpuid             "basic_cpuid[7]=00000000 …", ext_cpuid, intel_fn4, intel_fn11, …, "arm_midr=…"; a line of 80
///                        dashes ends the dump (what follows in libcpuid's tests is not part of it)
///   cpuid -r             "   0x00000007 0x00: eax=0x00000000 ebx=0x219c91a9 ecx=… edx=…", "CPU 3:"; of old
///                        versions without the subleaf
///   decimal              "7, 0, 0, 563909033, 4194308, 0": leaf, subleaf, registers
///   our own              as cpuid.h; "CPU 3:" begins another CPU
/// Where a leaf comes several times without its subleaf, they are counted from 0.
/// Errors: "cpuid-dump" for a text that holds none of them (one that is another file of a machine is named as such), a
/// line that begins like an answer and is none, more than kMaxCpus CPUs or 4096 answers of one.
Result<RawDump> parse_raw_dump(std::string_view text, const std::string& file);

}  // namespace lf::probe
