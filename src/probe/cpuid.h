// SPDX-License-Identifier: MIT
/// \file
/// \brief What the CPUID instruction of one logical CPU answers, as data and as text.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "facts/x86_features.h"

namespace lf::probe {

struct Registers {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    bool operator==(const Registers&) const = default;
    std::uint32_t at(facts::CpuidRegister which) const;
};

using LeafKey = std::pair<std::uint32_t, std::uint32_t>;  ///< leaf, subleaf

/// The answers of one logical CPU. A leaf that was not asked for is not there.
struct CpuDump {
    std::map<LeafKey, Registers> leaves;
    std::optional<std::uint64_t> xcr0;  ///< nullopt: XGETBV may not be used (no OSXSAVE) or was not recorded
    bool operator==(const CpuDump&) const = default;
    std::optional<Registers> find(std::uint32_t leaf, std::uint32_t subleaf) const;
};

constexpr bool bit(std::uint64_t value, unsigned number) { return ((value >> number) & 1) != 0; }

/// The leaves that the probe asks for, in ascending order.
struct WantedLeaf {
    std::uint32_t leaf;
    std::uint32_t subleaf;
};
std::span<const WantedLeaf> wanted_leaves();

/// Reads our text form: lines "leaf subleaf eax ebx ecx edx" and at most one line "XCR0 value", all in hexadecimal;
/// `#` starts a comment line. `file` is named in errors.
/// Errors: "cpuid-dump" with file:line for anything else, for more than 4096 lines and for a leaf that comes twice.
Result<CpuDump> parse_cpu_dump(std::string_view text, const std::string& file);

/// The same text back, leaves in ascending order.
std::string format_cpu_dump(const CpuDump& dump);

/// The number that tells this CPU from the others of its machine: its APIC id. nullopt if leaf 1 is not there.
std::optional<std::uint32_t> cpu_number(const CpuDump& dump);

/// The dump with 0 for that number in every leaf that holds it, so that equal CPUs have equal dumps.
CpuDump without_cpu_number(CpuDump dump);

/// What the CPU of `number` answers where a dump without numbers has `blank`.
Registers with_cpu_number(LeafKey key, Registers blank, std::uint32_t number);

}  // namespace lf::probe
