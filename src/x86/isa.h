// SPDX-License-Identifier: MIT
/// \file
/// \brief Instruction sets of x86-64, by the decoder library's names, and the features that each needs.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lf::x86 {

/// Index into isa_sets().
using IsaId = std::uint16_t;

/// What a CPU without the features does with such an instruction.
enum class OnOldCpu : std::uint8_t {
    illegal,   ///< SIGILL
    harmless,  ///< runs it as something else with the same result, or as nothing: TZCNT of non-zero, ENDBR, hints
    differs,   ///< runs it as something else, with another result: LZCNT as BSR
    system,    ///< needs rights that no program has; SIGSEGV or SIGILL everywhere, tells nothing of a feature
};

struct IsaSet {
    std::string_view name;      ///< as the decoder library: "AVX512F_512"; our own where it knows none: "APX_F"
    std::string_view features;  ///< all that it needs beyond x86-64's baseline, implied ones too: "avx512f avx512vl";
                                ///< "" = every x86-64 CPU has it. Names of facts/x86_features.def,
                                ///< or the set's own name: of a feature that facts do not record (table: ISA_NONE)
    OnOldCpu without = OnOldCpu::illegal;
    std::string_view note = {};  ///< why, where `without` is not illegal; the source of an own row
    bool recorded = true;        ///< false: facts do not record what is the set's own of `features`
    std::string_view sure = {};  ///< of one that is not recorded: a CPU with any of these features has it
    std::string_view only = {};  ///< the same: a CPU that lacks one of these lacks it
};

/// [0] is the baseline ("BASE"); the table is total: every ISA set of the decoder library has a row.
std::span<const IsaSet> isa_sets();

/// kUnknownIsa if there is none of that name.
IsaId find_isa_set(std::string_view name);

/// The row of a number; nullptr for kUnknownIsa and numbers that the table lacks.
const IsaSet* isa_set(IsaId isa);

/// Would a CPU without its features run it otherwise than meant? So it may be for what nothing knows.
bool can_fault(IsaId isa);

/// Bytes that nothing knows: not decodable, or an encoding newer than all tables.
inline constexpr IsaId kUnknownIsa = 0xffff;

}  // namespace lf::x86
