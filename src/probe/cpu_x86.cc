// SPDX-License-Identifier: MIT
// A feature counts only if three things hold (Intel SDM vol. 1, sections 13.2 and 14.3; AMD APM vol. 2, 11.5):
//   1. the leaf that reports it is one that the CPU answers: leaf <= the highest of its range, subleaf <= the highest;
//      beyond that Intel CPUs answer with another leaf's values;
//   2. its bit is set;
//   3. the operating system saves the registers it works on: CPUID.1:ECX.OSXSAVE, and the bits of XCR0. A kernel booted
//      with "noxsave", or a hypervisor that hides the state, leaves the bit of point 2 set; the instruction then traps.
// On a machine with different cores this is asked of each of them.
#include "probe/cpu_x86.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "probe/feature_sets.h"
#include "probe/leaves.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

/// The answer of a leaf that the CPU really has, whose subleaf 0 counts its subleaves.
std::optional<Registers> answer(const MachineSource& source, int cpu, std::uint32_t number, std::uint32_t subleaf) {
    constexpr std::uint32_t kCounted[] = {0x7, 0x14, 0x1d, 0x24};
    if (subleaf > 0 && std::find(std::begin(kCounted), std::end(kCounted), number) != std::end(kCounted)) {
        const auto first = leaf(source, cpu, number);
        if (!first || first->eax < subleaf) return std::nullopt;
    }
    return leaf(source, cpu, number, subleaf);
}

/// What the operating system saves; 0 where XGETBV may not even be asked.
std::uint64_t saved_state(const MachineSource& source, int cpu) {
    constexpr unsigned kOsxsave = 27;
    const auto leaf_1 = answer(source, cpu, 1, 0);
    if (!leaf_1 || !bit(leaf_1->ecx, kOsxsave)) return 0;
    return source.xcr0(cpu).value_or(0);
}

/// AMX needs a permission that each process asks the kernel for (arch_prctl, ARCH_REQ_XCOMP_PERM); a kernel that does
/// not list the tiles among what it may grant never grants them.
std::uint64_t refused_state(const MachineSource& source) {
    const std::uint64_t tiles = facts::required_xcr0(facts::SavedState::amx);
    const auto text = source.answer(Question::xcomp);
    if (!text) return 0;
    for (const std::string_view line : lines(*text)) {
        constexpr std::string_view kKey = "supported ";
        if (!line.starts_with(kKey)) continue;
        const auto supported = parse_unsigned(trim(line.substr(kKey.size())), 16);
        if (supported) return (*supported & tiles) == tiles ? 0 : tiles;
    }
    return 0;
}

/// Characters out of registers, up to the first NUL.
std::string characters(std::initializer_list<std::uint32_t> registers) {
    std::string out;
    for (const std::uint32_t value : registers)
        for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xff);
    return out.substr(0, out.find('\0'));
}

std::optional<std::string> named(const std::string& text) {
    std::string out = label(text);
    if (out.empty()) return std::nullopt;
    return out;
}

std::optional<std::string> brand(const MachineSource& source, int cpu) {
    std::string out;
    for (std::uint32_t number = kExtendedLeaves + 2; number <= kExtendedLeaves + 4; ++number) {
        const auto part = leaf(source, cpu, number);
        if (!part) return std::nullopt;
        const std::string text = characters({part->eax, part->ebx, part->ecx, part->edx});
        out += text;
        if (text.size() < 16) break;
    }
    return named(out);
}

/// The signature of the hypervisor. Bit 31 of leaf 1 ECX is 0 on real hardware; hypervisors set it.
std::optional<std::string> hypervisor(const MachineSource& source, int cpu) {
    const auto leaf_1 = answer(source, cpu, 1, 0);
    if (!leaf_1 || !bit(leaf_1->ecx, 31)) return std::nullopt;
    const auto found = source.cpuid(cpu, kHypervisorLeaves, 0);
    if (!found) return "unknown";
    return named(characters({found->ebx, found->ecx, found->edx})).value_or("unknown");
}

}  // namespace

Signature signature(std::uint32_t leaf_1_eax) {
    const auto field = [&](unsigned low, unsigned width) {
        return static_cast<int>((leaf_1_eax >> low) & ((1U << width) - 1));
    };
    Signature out{field(8, 4), field(4, 4), field(0, 4)};
    const int base_family = out.family;
    if (base_family == 0xf) out.family += field(20, 8);
    if (base_family >= 0x6) out.model += field(16, 4) << 4;
    return out;
}

facts::FeatureSet shown_features(const MachineSource& source, int cpu, std::uint64_t saved) {
    facts::FeatureSet out;
    std::optional<Registers> registers;
    LeafKey key{UINT32_MAX, UINT32_MAX};
    for (const facts::X86Feature& feature : facts::x86_features()) {  // in the order of leaves
        if (key != LeafKey{feature.leaf, feature.subleaf}) {
            key = {feature.leaf, feature.subleaf};
            registers = answer(source, cpu, feature.leaf, feature.subleaf);
        }
        const std::uint64_t needed = facts::required_xcr0(feature.state);
        if (registers && facts::is_shown(feature, registers->at(feature.where)) && (saved & needed) == needed)
            out.emplace(feature.name);
    }
    return out;
}

facts::FeatureSet usable_features(const MachineSource& source, int cpu) {
    facts::FeatureSet out = shown_features(source, cpu, saved_state(source, cpu) & ~refused_state(source));
    for (const facts::X86Feature& feature : facts::x86_features())
        if (feature.system) out.erase(std::string(feature.name));
    return out;
}

void read_cpu_x86(const MachineSource& source, facts::Cpu& cpu, std::vector<std::string>& notes) {
    const std::vector<int> cpus = source.cpuid_cpus();
    cpu.source = "cpuid";
    SharedFeatures shared;
    for (const int number : cpus) shared.add(usable_features(source, number));
    shared.store(cpu, notes);

    const int first = cpus.front();
    const auto leaf_0 = source.cpuid(first, 0, 0);
    if (leaf_0) cpu.vendor = named(characters({leaf_0->ebx, leaf_0->edx, leaf_0->ecx}));
    cpu.model_name = brand(source, first);
    cpu.hypervisor = hypervisor(source, first);
    const auto leaf_1 = answer(source, first, 1, 0);
    if (!leaf_1) {
        notes.emplace_back("the CPU's family and model are unknown: leaf 1 of CPUID is not there");
        return;
    }
    const Signature found = signature(leaf_1->eax);
    cpu.family = found.family;
    cpu.model = found.model;
    cpu.stepping = found.stepping;
}

}  // namespace lf::probe
