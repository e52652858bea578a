// SPDX-License-Identifier: MIT
#include "probe/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/codec.h"
#include "probe/cpu_proc.h"
#include "probe/cpu_x86.h"
#include "probe/gpu.h"
#include "probe/memory.h"
#include "probe/microarchitecture.h"
#include "probe/reading.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxNotes = 200;

struct SystemName {
    std::string_view machine;  ///< as `uname -m`
    std::string_view nix;
};

// Where Nix's name of an architecture is not the kernel's (nixpkgs, lib/systems/parse.nix).
constexpr std::array<SystemName, 4> kSystems = {
    {{"i586", "i686"}, {"armv8l", "armv7l"}, {"ppc64le", "powerpc64le"}, {"ppc64", "powerpc64"}}};

std::string nix_system(const std::string& architecture) {
    for (const SystemName& row : kSystems)
        if (row.machine == architecture) return std::string(row.nix) + "-linux";
    return architecture + "-linux";
}

bool is_x86(const std::string& architecture) { return architecture == "x86_64" || architecture == "i686"; }

void read_cpu(const MachineSource& source, facts::Machine& machine) {
    facts::Cpu& cpu = machine.cpu;
    if (is_x86(cpu.architecture) && !source.cpuid_cpus().empty()) {
        read_cpu_x86(source, cpu, machine.notes);
        return;
    }
    const std::string path = "/proc/cpuinfo";
    const auto cpuinfo = source.files().read(path);
    if (!cpuinfo) {
        machine.notes.push_back("the CPU's features are unknown: " + reason(path, cpuinfo.error()));
        return;
    }
    if (is_x86(cpu.architecture))
        machine.notes.emplace_back(
            "no CPUID was recorded: the features are the flags of /proc/cpuinfo, which leaves out some that kernels do "
            "not "
            "name");
    read_cpu_proc(*cpuinfo, cpu, machine.notes);
}

/// Notes go into facts, which are bounded.
void bound(std::vector<std::string>& notes) {
    for (std::string& note : notes) note = printable(note).substr(0, 1500);
    if (notes.size() <= kMaxNotes) return;
    const std::size_t more = notes.size() - kMaxNotes;
    notes.resize(kMaxNotes);
    notes.push_back(fmt::format("and {} more notes", more));
}

}  // namespace

Result<facts::Machine> probe(const MachineSource& source, const std::string& host) {
    if (!facts::is_host_name(host))
        return fail(usage_error("host-name", fmt::format("'{}' cannot be the name of a host", printable(host)),
                                "letters, digits, _, - and . only, at most 63, as in nixosConfigurations.<name>"));
    facts::Machine machine;
    machine.host = host;
    machine.notes = source.notes();
    machine.cpu.architecture = source.architecture();
    machine.system = nix_system(machine.cpu.architecture);
    read_cpu(source, machine);
    machine.cpu.microarchitecture = microarchitecture(machine.cpu);
    read_topology(source.files(), machine.cpu, machine.notes);
    machine.memory_mib = read_memory_mib(source.files(), machine.notes);
    machine.gpus = read_gpus(source, machine.notes);
    bound(machine.notes);
    return machine;
}

}  // namespace lf::probe
