// SPDX-License-Identifier: MIT
/// \file
/// \brief A machine of which only a dump of CPUID (or of ARM's ID registers) is known.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "probe/raw_dump.h"
#include "probe/source.h"

namespace lf::probe {

/// Files of a machine that are made up in memory; everything else is missing.
class TextFiles final : public FileSource {
  public:
    std::map<std::string, std::string> texts;
    Result<std::string> read(const std::string& path) const override;
    Result<std::vector<std::string>> list(const std::string& path) const override;
    Result<std::string> read_link(const std::string& path) const override;
    bool exists(const std::string& path) const override;
};

/// XCR0 is in few dumps. Where it is missing and OSXSAVE is set, it is what leaf 0xD proves: a register state counts
/// if the CPU supports it and it ends within the size that leaf 0xD gives for the states in use (EBX of subleaf 0);
/// without that leaf, all states that the CPU has. A note says so.
class DumpedMachine final : public MachineSource {
  public:
    /// Errors: as read_file() and parse().
    static Result<std::unique_ptr<DumpedMachine>> open(const std::string& file);
    /// Errors: as parse_raw_dump() and check_whole() (whole_dump.h).
    static Result<std::unique_ptr<DumpedMachine>> parse(std::string_view text, const std::string& file);

    std::string architecture() const override;
    std::vector<int> cpuid_cpus() const override;
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::optional<std::uint64_t> xcr0(int cpu) const override;
    const FileSource& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override { return std::nullopt; }
    bool cpu_only() const override { return true; }
    std::vector<std::string> notes() const override { return notes_; }

  private:
    DumpedMachine(RawDump dump, std::vector<std::string> notes);
    std::map<int, CpuDump> dumps_;
    std::string architecture_;
    TextFiles files_;
    std::vector<std::string> notes_;
};

}  // namespace lf::probe
