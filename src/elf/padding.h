// SPDX-License-Identifier: MIT
/// \file
/// \brief The bytes with which assemblers and linkers fill the space between functions of x86-64.
#pragma once

#include <cstdint>

#include "elf/reader.h"

namespace lf::elf {

/// How many bytes at the begin are padding: NOP of all lengths, INT3, zeros.
std::uint64_t padding_before(Bytes bytes);

/// The length without a long run of zeros, INT3 or NOP at the end. The last instruction may itself end with such bytes,
/// so that as many as an instruction can have stay: 15.
std::uint64_t without_padding_behind(Bytes bytes);

}  // namespace lf::elf
