// SPDX-License-Identifier: MIT
/// \file
/// \brief A machine captured as a folder of files (see capture.h for what is in it).
#pragma once

#include <map>
#include <memory>

#include "probe/source.h"

namespace lf::probe {

/// A folder that mirrors the parts of /proc, /sys and /usr/share that the probe reads, and `cpuid/`:
///   cpuid/all.cpuid   one dump that holds for every online CPU, and
///   cpuid/numbers     the APIC id of each of them (lines "3 1a": CPU, id in hexadecimal); or
///   cpuid/<n>.cpuid   one for each logical CPU
///   answers/<name>    what no file tells (question.h)
///   index             "link <tab> path <tab> target" and "error <tab> path <tab> reason", a line each
///   notes             what could not be read when it was captured, a sentence a line
/// Without dumps the flags of proc/cpuinfo are used. The folder is hostile: links stay inside it, and no more than
/// 64 MiB are read from it in all. Its names of PCI devices come from its own usr/share/misc/pci.ids, else from this
/// machine's.
class CapturedMachine final : public MachineSource {
  public:
    /// Errors: "capture-missing" (no such folder), "capture-empty" (neither proc, sys nor cpuid in it).
    static Result<std::unique_ptr<CapturedMachine>> open(const std::string& folder);
    /// The same over files that come from elsewhere, as bounded as the caller made them.
    explicit CapturedMachine(std::unique_ptr<FileSource> files);
    std::string architecture() const override;
    std::vector<int> cpuid_cpus() const override;
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::optional<std::uint64_t> xcr0(int cpu) const override;
    const FileSource& files() const override { return *files_; }
    std::optional<std::string> pci_ids() const override;
    std::optional<std::string> answer(Question question) const override;
    std::vector<std::string> notes() const override { return notes_; }

  private:
    void read_dumps();
    void read_numbers();
    const CpuDump* dump_of(int cpu) const;
    std::unique_ptr<FileSource> files_;
    std::optional<CpuDump> for_all_;
    std::map<int, CpuDump> dumps_;
    std::map<int, std::uint32_t> numbers_;
    std::vector<std::string> notes_;
};

}  // namespace lf::probe
