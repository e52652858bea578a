// SPDX-License-Identifier: MIT
// A machine with one card of each vendor whose files and answers are cut from the input: whatever they hold, the facts
// can be read back, and the answers' parsers keep to their bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "facts/codec.h"
#include "probe/gpu_answer.h"
#include "probe/probe.h"

namespace {

using lf::Result;
using lf::probe::Question;

/// The input is cut at NUL bytes; each file that is asked for gets the next part, "" = there is no such file.
class FuzzFiles final : public lf::FileSource {
  public:
    explicit FuzzFiles(std::string_view input) : input_(input) {}
    std::string_view next() const {
        const std::size_t end = std::min(input_.find('\0', at_), input_.size());
        const std::string_view part = input_.substr(at_, end - at_);
        at_ = end + 1 < input_.size() ? end + 1 : 0;
        return part;
    }
    Result<std::string> read(const std::string& path) const override {
        if (const auto id = fixed(path); !id.empty()) return std::string(id);
        const std::string_view part = next();
        if (part.empty()) return lf::fail(lf::world_error("file-missing", "cannot read"));
        return std::string(part);
    }
    Result<std::vector<std::string>> list(const std::string& path) const override {
        if (path == "/sys/bus/pci/devices")
            return std::vector<std::string>{"0000:00:02.0", "0000:01:00.0", "0000:03:00.0", std::string(next())};
        return std::vector<std::string>{"1", std::string(next()), std::string(next())};
    }
    Result<std::string> read_link(const std::string&) const override { return std::string(next()); }
    bool exists(const std::string&) const override { return !next().empty(); }

  private:
    static std::string_view fixed(std::string_view path) {
        if (path.ends_with("/class")) return "0x030000";
        if (path.ends_with("00:02.0/vendor")) return "0x8086";
        if (path.ends_with("01:00.0/vendor")) return "0x10de";
        return path.ends_with("03:00.0/vendor") ? "0x1002" : "";
    }
    std::string_view input_;
    mutable std::size_t at_ = 0;
};

class FuzzMachine final : public lf::probe::MachineSource {
  public:
    explicit FuzzMachine(std::string_view input) : files_(input) {}
    std::string architecture() const override { return "aarch64"; }
    std::vector<int> cpuid_cpus() const override { return {}; }
    std::optional<lf::probe::Registers> cpuid(int, std::uint32_t, std::uint32_t) const override { return std::nullopt; }
    std::optional<std::uint64_t> xcr0(int) const override { return std::nullopt; }
    const lf::FileSource& files() const override { return files_; }
    std::optional<std::string> pci_ids() const override { return std::string(files_.next()); }
    std::optional<std::string> answer(Question question) const override {
        const std::string body(files_.next());
        if (question == Question::nvml) return "nvml 1\n" + body + "\nend\n";
        if (question == Question::vulkan) return "vulkan 1\n" + body + "\nend\n";
        return body;
    }

  private:
    FuzzFiles files_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const auto machine = lf::probe::probe(FuzzMachine(input), "fuzz");
    if (!machine) std::abort();
    const std::string written = lf::facts::to_json(*machine);
    const auto again = lf::facts::from_json(written, "facts.json");
    if (!again || lf::facts::to_json(*again) != written) std::abort();
    const auto nvml = lf::probe::parse_nvml(input);
    if (nvml.cards.size() > 256 || (nvml.failure && !nvml.cards.empty())) std::abort();
    if (lf::probe::parse_vulkan(input).devices.size() > 256) std::abort();
    return 0;
}
