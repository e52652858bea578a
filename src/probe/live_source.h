// SPDX-License-Identifier: MIT
/// \file
/// \brief The machine that this program runs on.
#pragma once

#include <map>

#include "probe/source.h"

namespace lf::probe {

/// Asks CPUID once on every online CPU when made: the calling thread is bound to each in turn, its affinity is restored
/// before the constructor returns. Starts no process. On architectures other than x86 there is no CPUID, only files.
class LiveMachine final : public MachineSource {
  public:
    LiveMachine();
    std::string architecture() const override;
    std::vector<int> cpuid_cpus() const override;
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::optional<std::uint64_t> xcr0(int cpu) const override;
    const FileSource& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override;
    std::vector<std::string> notes() const override { return notes_; }

  private:
    void ask(const std::vector<int>& online);
    RootedFiles files_;
    std::map<int, CpuDump> dumps_;
    std::vector<std::string> notes_;
};

}  // namespace lf::probe
