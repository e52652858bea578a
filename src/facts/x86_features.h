// SPDX-License-Identifier: MIT
/// \file
/// \brief The x86-64 features that we know: x86_features.def as a table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lf::facts {

enum class CpuidRegister : std::uint8_t { eax, ebx, ecx, edx };

/// Which registers the operating system must save before a feature may be used (bits of XCR0, Intel SDM vol. 1 ch. 13).
enum class SavedState : std::uint8_t {
    none,    ///< nothing beyond what every x86-64 system saves
    avx,     ///< XMM and YMM: XCR0 & 0x6
    avx512,  ///< these, the mask registers and ZMM: XCR0 & 0xe6
    amx,     ///< tile configuration and tiles: XCR0 & 0x60000
    apx,     ///< registers R16 to R31: XCR0 & 0x80000
};

struct X86Feature {
    std::string_view name;  ///< as /proc/cpuinfo writes it
    std::uint32_t leaf;
    std::uint32_t subleaf;
    CpuidRegister where;
    std::uint8_t bit;
    SavedState state;
};

/// The whole table, in the order of leaves, registers and bits.
std::span<const X86Feature> x86_features();

/// nullptr if there is none of that name.
const X86Feature* find_x86_feature(std::string_view name);

/// The bits of XCR0 that must all be set for `state`; 0 for none.
std::uint64_t required_xcr0(SavedState state);

/// For people: "XMM and YMM registers (XCR0 & 0x6)".
std::string_view describe(SavedState state);

}  // namespace lf::facts
