// SPDX-License-Identifier: MIT
#include "probe/leaves.h"

namespace lf::probe {

std::optional<Registers> leaf(const MachineSource& source, int cpu, std::uint32_t number, std::uint32_t subleaf) {
    const std::uint32_t base = number & kExtendedLeaves;
    const auto range = source.cpuid(cpu, base, 0);
    if (!range || range->eax < number || (range->eax & kExtendedLeaves) != base) return std::nullopt;
    return source.cpuid(cpu, number, subleaf);
}

std::string vendor_of(const MachineSource& source, int cpu) {
    const auto found = source.cpuid(cpu, 0, 0);
    std::string out;
    if (!found) return out;
    for (const std::uint32_t value : {found->ebx, found->edx, found->ecx})
        for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((value >> shift) & 0xff);
    return out.substr(0, out.find('\0'));
}

}  // namespace lf::probe
