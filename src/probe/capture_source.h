// SPDX-License-Identifier: MIT
/// \file
/// \brief A machine captured as a folder of files (see capture.h for what is in it).
#pragma once

#include <map>
#include <memory>

#include "probe/source.h"

namespace lf::probe {

/// A folder that mirrors the parts of /proc, /sys and /usr/share that the probe reads, and `cpuid/`:
///   cpuid/all.cpuid   one dump that holds for every online CPU, or
///   cpuid/<n>.cpuid   one for each logical CPU
///   notes             what could not be read when it was captured, a sentence a line
/// Without dumps the flags of proc/cpuinfo are used. The folder is hostile: links stay inside it, and no more than
/// 64 MiB are read from it in all. Its names of PCI devices come from its own usr/share/misc/pci.ids, else from this
/// machine's.
class CapturedMachine final : public MachineSource {
  public:
    /// Errors: "capture-missing" (no such folder), "capture-empty" (neither proc, sys nor cpuid in it).
    static Result<std::unique_ptr<CapturedMachine>> open(const std::string& folder);
    std::string architecture() const override;
    std::vector<int> cpuid_cpus() const override;
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::optional<std::uint64_t> xcr0(int cpu) const override;
    const FileSource& files() const override { return *files_; }
    std::optional<std::string> pci_ids() const override;
    std::vector<std::string> notes() const override { return notes_; }

  private:
    explicit CapturedMachine(std::unique_ptr<FileSource> files);
    void read_dumps();
    const CpuDump* dump_of(int cpu) const;
    std::unique_ptr<FileSource> files_;
    std::optional<CpuDump> for_all_;
    std::map<int, CpuDump> dumps_;
    std::vector<std::string> notes_;
};

}  // namespace lf::probe
