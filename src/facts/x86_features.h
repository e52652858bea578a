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
    xsave,   ///< the system uses XSAVE at all: XCR0 & 0x1
    avx,     ///< XMM and YMM: XCR0 & 0x6
    avx512,  ///< these, the mask registers and ZMM: XCR0 & 0xe6
    amx,     ///< tile configuration and tiles: XCR0 & 0x60000
    apx,     ///< registers R16 to R31: XCR0 & 0x80000
    mpx,     ///< bounds registers: XCR0 & 0x18
    pkru,    ///< the protection keys' register, which is there when CR4.PKE is set (OSPKE): XCR0 & 0x200
    lwp,     ///< AMD's lightweight profiling: XCR0 bit 62
};

struct X86Feature {
    std::string_view name;  ///< as /proc/cpuinfo writes it, else our own (x86_features.def says which)
    std::uint32_t leaf;
    std::uint32_t subleaf;
    CpuidRegister where;
    std::uint8_t bit;  ///< the lowest, where it is a number
    SavedState state;
    std::uint8_t bits = 1;      ///< how many: 1 for a flag
    std::uint8_t at_least = 1;  ///< what the number must be: the version of AVX10
    bool system = false;        ///< of use to operating systems only: not among the features of facts
};

/// The whole table, in the order of leaves, registers and bits.
std::span<const X86Feature> x86_features();

/// nullptr if there is none of that name.
const X86Feature* find_x86_feature(std::string_view name);

/// Does its register say that the CPU has it?
bool is_shown(const X86Feature& feature, std::uint32_t value);

/// The bits of XCR0 that must all be set for `state`; 0 for none.
std::uint64_t required_xcr0(SavedState state);

/// For people: "XMM and YMM registers (XCR0 & 0x6)".
std::string_view describe(SavedState state);

/// As `uname -m` says it.
inline bool is_x86(std::string_view architecture) { return architecture == "x86_64" || architecture == "i686"; }

}  // namespace lf::facts
