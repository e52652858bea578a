// SPDX-License-Identifier: MIT
/// \file
/// \brief Encodings that the decoder library does not know: newer.def, and all that APX adds.
#pragma once

#include "x86/decode.h"

namespace lf::x86 {

/// For bytes that the library refuses. length 0: not known here either, or `code` ends within it.
Insn recognise_newer(std::span<const std::uint8_t> code, std::uint64_t address);

/// What the library and newer.def say of an encoding without APX's: for apx.cc, which takes APX's bits out first.
Insn without_apx(std::span<const std::uint8_t> code, std::uint64_t address);

/// Those without VEX, EVEX or APX.
Insn recognise_newer_legacy(std::span<const std::uint8_t> code, std::uint64_t address);

/// REX2, EVEX map 4, and EVEX with APX's registers or of what was VEX only.
Insn recognise_apx(std::span<const std::uint8_t> code, std::uint64_t address);

}  // namespace lf::x86
