// SPDX-License-Identifier: MIT
#include "probe/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "facts/codec.h"
#include "facts/gcc_march.h"
#include "facts/x86_features.h"
#include "probe/blanked_source.h"
#include "probe/codename.h"
#include "probe/cpu_arm.h"
#include "probe/cpu_other.h"
#include "probe/cpu_proc.h"
#include "probe/cpu_x86.h"
#include "probe/design_features.h"
#include "probe/environment.h"
#include "probe/gpu.h"
#include "probe/hypervisor.h"
#include "probe/memory.h"
#include "probe/microarchitecture.h"
#include "probe/reading.h"
#include "probe/topology.h"
#include "probe/x86_layout.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxNotes = 200;

struct SystemName {
    std::string_view machine;  ///< as `uname -m`
    std::string_view nix;
};

// Where Nix's name of an architecture is not the kernel's (nixpkgs, lib/systems/parse.nix).
constexpr auto kSystems = std::to_array<SystemName>(
    {{"i586", "i686"}, {"armv8l", "armv7l"}, {"ppc64le", "powerpc64le"}, {"ppc64", "powerpc64"}, {"ppc", "powerpc"}});

std::string nix_system(const std::string& architecture) {
    for (const SystemName& row : kSystems)
        if (row.machine == architecture) return std::string(row.nix) + "-linux";
    return architecture + "-linux";
}

bool is_arm(const std::string& architecture) { return architecture == "aarch64" || architecture.starts_with("arm"); }

void read_cpu(const MachineSource& source, facts::Machine& machine) {
    facts::Cpu& cpu = machine.cpu;
    if (facts::is_x86(cpu.architecture) && !source.cpuid_cpus().empty()) {
        read_cpu_x86(source, cpu, machine.notes);
        return;
    }
    const std::string path = "/proc/cpuinfo";
    const auto cpuinfo = source.files().read(path);
    if (is_arm(cpu.architecture)) {
        read_cpu_arm(source, cpuinfo ? *cpuinfo : std::string(), cpu, machine.notes);
        return;
    }
    if (!cpuinfo) {
        machine.notes.push_back("the CPU's features are unknown: " + reason(path, cpuinfo.error()));
        return;
    }
    if (!facts::is_x86(cpu.architecture)) {
        read_cpu_other(*cpuinfo, cpu, machine.notes);
        return;
    }
    machine.notes.emplace_back(
        "no CPUID was recorded: the features are the flags of /proc/cpuinfo, which leaves out some that kernels do "
        "not "
        "name");
    read_cpu_proc(*cpuinfo, cpu, machine.notes);
    if (cpu.features.contains("amx_tile") && !source.answer(Question::xcomp))
        machine.notes.emplace_back("whether the kernel lets programs use AMX was not asked: no file tells");
}

/// What GCC, Nix and the psABI call the CPU: by its facts alone, wherever they came from.
void name_for_compilers(facts::Cpu& cpu) {
    cpu.march = facts::gcc_march(cpu);
    cpu.gccarch = facts::gccarch(cpu);
    cpu.x86_64_level = facts::x86_64_level(cpu);
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

Result<facts::Machine> probe(const MachineSource& machine_source, const std::string& host) {
    if (!facts::is_host_name(host))
        return fail(usage_error("host-name", fmt::format("'{}' cannot be the name of a host", printable(host)),
                                "letters, digits, _, - and . only, at most 63, as in nixosConfigurations.<name>"));
    const BlankedMachine source(machine_source);
    facts::Machine machine;
    machine.host = host;
    machine.notes = source.notes();
    machine.cpu.architecture = source.architecture();
    machine.system = nix_system(machine.cpu.architecture);
    read_cpu(source, machine);
    const bool has_cpuid = facts::is_x86(machine.cpu.architecture) && !source.cpuid_cpus().empty();
    if (!machine.cpu.microarchitecture) machine.cpu.microarchitecture = microarchitecture(machine.cpu);
    const bool has_files = !source.cpu_only() || !has_cpuid;
    if (has_files) read_topology(source.files(), machine.cpu);
    if (has_cpuid) read_x86_layout(source, machine.cpu);
    if (has_files) note_unknown_topology(machine.cpu, machine.notes);
    // Numbers that are borrowed, or of no design known to us, name no product either.
    if (facts::is_x86(machine.cpu.architecture) && machine.cpu.microarchitecture)
        machine.cpu.codename = codename(machine.cpu);
    if (has_cpuid) machine.cpu.features_masked = masked_features(source, machine.cpu);
    name_for_compilers(machine.cpu);
    if (source.cpu_only()) {
        machine.gpus_known = false;
        bound(machine.notes);
        return machine;
    }
    read_hypervisor(source.files(), machine.cpu);
    machine.memory_mib = read_memory_mib(source.files(), machine.notes);
    machine.gpus = read_gpus(source, machine.notes);
    machine.gpus_known = !machine.gpus.empty() || can_tell_gpus(source.files());
    machine.environment = read_environment(source, machine.cpu.cpus);
    bound(machine.notes);
    return machine;
}

}  // namespace lf::probe
