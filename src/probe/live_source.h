// SPDX-License-Identifier: MIT
/// \file
/// \brief The machine that this program runs on.
#pragma once

#include <map>

#include "probe/gpu_ask.h"
#include "probe/source.h"

namespace lf::probe {

struct LiveOptions {
    /// Whether NVML and the Vulkan loader may be asked, each in a child process; off: no process is ever started.
    bool driver_libraries = true;
    AskOptions ask = {};
};

/// Asks CPUID once on every online CPU when made, by threads that have ended before the constructor returns. Starts no
/// process, except where a GPU is there and the library of its driver too (gpu_ask.h). On architectures other than x86
/// there is no CPUID, only files.
class LiveMachine final : public MachineSource {
  public:
    explicit LiveMachine(LiveOptions options = {});
    std::string architecture() const override;
    std::vector<int> cpuid_cpus() const override;
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::optional<std::uint64_t> xcr0(int cpu) const override;
    const FileSource& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override;
    /// By the table in live_answers.cc.
    std::optional<std::string> answer(Question question) const override;
    std::vector<std::string> notes() const override { return notes_; }

  private:
    void ask(const std::vector<int>& online);
    LiveOptions options_;
    RootedFiles files_;
    std::map<int, CpuDump> dumps_;
    std::vector<std::string> notes_;
};

}  // namespace lf::probe
