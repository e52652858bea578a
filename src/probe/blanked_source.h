// SPDX-License-Identifier: MIT
/// \file
/// \brief A machine seen through blanking.h: whoever reads it, facts or capture, cannot get at what names one machine.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "probe/source.h"

namespace lf::probe {

/// Files of another source with serial numbers, UUIDs, MAC addresses, secrets and, in free text and paths, names of
/// hosts and users taken out, the firmware's table as the text of memory_devices.h, and the names of our cgroups
/// replaced ("level1/level2"), also in the paths below /sys/fs/cgroup. Seen through itself again, nothing changes: a
/// capture of a capture is the same.
class BlankedFiles final : public FileSource {
  public:
    explicit BlankedFiles(const FileSource& files);
    /// Error "file-blanked" for files that hold nothing else, such as serial-number.
    Result<std::string> read(const std::string& path) const override;
    Result<std::vector<std::string>> list(const std::string& path) const override;
    Result<std::string> read_link(const std::string& path) const override;
    bool exists(const std::string& path) const override;
    /// What the machine calls itself, as telling_host_name has it.
    const std::string& host() const { return host_; }

  private:
    std::string blanked(const std::string& path, std::string_view text) const;
    std::string blanked_nix(const std::string& path, std::string_view text) const;
    std::string with_cgroup_levels(std::string_view text) const;
    std::string cgroup_levels(std::string_view path) const;
    std::string real_path(const std::string& path) const;
    const FileSource& files_;
    std::string host_;
    mutable std::map<std::string, std::string> level_of_;  ///< "carbon.scope" → "level2"
    mutable std::map<std::string, std::string> cgroups_;   ///< "level2" → "carbon.scope"
    mutable std::map<std::string, std::string>
        nix_files_;  ///< what nix.conf includes: "/home/user/x" → "/home/alice/x"
};

class BlankedMachine final : public MachineSource {
  public:
    explicit BlankedMachine(const MachineSource& source) : source_(source), files_(source.files()) {}
    std::string architecture() const override { return source_.architecture(); }
    std::vector<int> cpuid_cpus() const override { return source_.cpuid_cpus(); }
    std::optional<Registers> cpuid(int cpu, std::uint32_t leaf, std::uint32_t subleaf) const override {
        return source_.cpuid(cpu, leaf, subleaf);
    }
    std::optional<std::uint64_t> xcr0(int cpu) const override { return source_.xcr0(cpu); }
    const FileSource& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override { return source_.pci_ids(); }
    std::optional<std::string> answer(Question question) const override;
    std::vector<std::string> notes() const override;
    bool cpu_only() const override { return source_.cpu_only(); }

  private:
    const MachineSource& source_;
    BlankedFiles files_;
};

}  // namespace lf::probe
