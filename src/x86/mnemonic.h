// SPDX-License-Identifier: MIT
/// \file
/// \brief One instruction as people write it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace lf::x86 {

/// "vpaddd zmm0, zmm1, zmm2" (Intel syntax) of the instruction at the front of `code`, which lies at `address`; ""
/// where the decoder library does not know it. For messages: it is slow.
std::string instruction_text(std::span<const std::uint8_t> code, std::uint64_t address);

/// Its bytes, "62 f1 75 48 fe c2"; where the library does not know its length, all that are given.
std::string instruction_bytes(std::span<const std::uint8_t> code);

}  // namespace lf::x86
