// SPDX-License-Identifier: MIT
/// \file
/// \brief The seam between the probe and a machine: live, captured, or made up by a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "probe/cpuid.h"
#include "probe/question.h"

namespace lf::probe {

/// No machine has more logical CPUs than this (the greatest NR_CPUS of Linux); larger numbers in files are rubbish.
inline constexpr int kMaxCpus = 8192;

class MachineSource {
  public:
    virtual ~MachineSource() = default;
    /// As `uname -m` on that machine; "unknown" if nothing tells.
    virtual std::string architecture() const = 0;
    /// The logical CPUs whose CPUID is known, ascending; empty if there is no CPUID to ask.
    virtual std::vector<int> cpuid_cpus() const = 0;
    /// nullopt: not known for this CPU, or the leaf is beyond what was recorded.
    virtual std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const = 0;
    /// The register states that the operating system saves; nullopt if it cannot be asked.
    virtual std::optional<std::uint64_t> xcr0(int cpu) const = 0;
    virtual const FileSource& files() const = 0;
    /// The text of the pci.ids that names this machine's devices; nullopt if there is none.
    virtual std::optional<std::string> pci_ids() const = 0;
    /// What no file tells, in the text form that question.h describes for each question; nullopt = not asked, or it
    /// cannot be. A capture keeps it as the file answers/<question>.
    virtual std::optional<std::string> answer(Question question) const {
        (void)question;
        return std::nullopt;
    }
    /// Is nothing but the CPU known (a dump of CPUID)? Then nobody looks for memory and devices.
    virtual bool cpu_only() const { return false; }
    /// What could not be read of the source itself: one sentence each.
    virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace lf::probe
