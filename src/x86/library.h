// SPDX-License-Identifier: MIT
/// \file
/// \brief What the decoder library (Zydis 4.0) says of one instruction, in our terms.
#pragma once

#include "x86/decode.h"

namespace lf::x86 {

/// length 0: it knows no such instruction, or `code` ends within it. Knights Corner's encodings count as unknown: no
/// x86-64 system runs on that card, and APX gives some of them another meaning.
Insn ask_library(std::span<const std::uint8_t> code, std::uint64_t address);

}  // namespace lf::x86
