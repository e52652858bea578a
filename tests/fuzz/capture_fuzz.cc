// SPDX-License-Identifier: MIT
// A captured machine whose files all hold the same foreign bytes: whatever they are, the facts can be read back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "facts/codec.h"
#include "probe/cpuid.h"
#include "probe/pci_ids.h"
#include "probe/probe.h"
#include "probe/topology.h"

namespace {

using lf::Result;

/// The input is cut at NUL bytes; each file of the machine gets one part.
class FuzzFiles final : public lf::FileSource {
  public:
    explicit FuzzFiles(std::string_view input) : input_(input) {}
    std::string_view next() const {
        const std::size_t end = std::min(input_.find('\0', at_), input_.size());
        const std::string_view part = input_.substr(at_, end - at_);
        at_ = end + 1 < input_.size() ? end + 1 : 0;
        return part;
    }
    Result<std::string> read(const std::string&) const override { return std::string(next()); }
    Result<std::vector<std::string>> list(const std::string&) const override {
        return std::vector<std::string>{"0000:00:02.0", "0000:01:00.0", std::string(next())};
    }
    Result<std::string> read_link(const std::string&) const override { return std::string(next()); }
    bool exists(const std::string&) const override { return true; }

  private:
    std::string_view input_;
    mutable std::size_t at_ = 0;
};

class FuzzMachine final : public lf::probe::MachineSource {
  public:
    explicit FuzzMachine(std::string_view input) : files_(input) {
        if (auto dump = lf::probe::parse_cpu_dump(files_.next(), "fuzz")) dump_ = std::move(*dump);
        architecture_ = dump_.leaves.empty() ? "aarch64" : "x86_64";
    }
    std::string architecture() const override { return architecture_; }
    std::vector<int> cpuid_cpus() const override {
        return dump_.leaves.empty() ? std::vector<int>{} : std::vector<int>{0};
    }
    std::optional<lf::probe::Registers> cpuid(int, std::uint32_t leaf, std::uint32_t subleaf) const override {
        return dump_.find(leaf, subleaf);
    }
    std::optional<std::uint64_t> xcr0(int) const override { return dump_.xcr0; }
    const lf::FileSource& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override { return std::string(files_.next()); }

  private:
    FuzzFiles files_;
    lf::probe::CpuDump dump_;
    std::string architecture_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto machine = lf::probe::probe(FuzzMachine(input), "fuzz");
    if (!machine) std::abort();
    const std::string written = lf::facts::to_json(*machine);
    const auto again = lf::facts::from_json(written, "facts.json");
    if (!again || lf::facts::to_json(*again) != written) std::abort();
    lf::probe::pci_device_name(input, 0x10de, 0x25a2);
    lf::probe::parse_cpu_list(input);
    if (const auto dump = lf::probe::parse_cpu_dump(input, "fuzz"))
        if (lf::probe::parse_cpu_dump(lf::probe::format_cpu_dump(*dump), "fuzz") != *dump) std::abort();
    return 0;
}
