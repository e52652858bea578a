// SPDX-License-Identifier: MIT
/// \file
/// \brief Operands of a form of encoding (x86/shape.h): what is the same for all its instructions, and from which bits
/// of each the rest comes.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "x86/operands.h"

namespace lf::x86 {

/// One operand, visible or not.
struct Field {
    enum class Source : std::uint8_t { fixed, reg, rm, opcode, vvvv, immediate };
    Source source = Source::fixed;
    Operand::Kind kind = Operand::Kind::none;
    bool byte : 1 = false;  ///< a general register of eight bits: AH to BH where no REX is
    bool read : 1 = false, written : 1 = false;
    bool address_only : 1 = false;  ///< LEA: a segment does not matter
};

struct Form {
    enum class Kind : std::uint8_t {
        ask,      ///< depends on more than we look at
        unknown,  ///< no instruction of the decoder library
        known,
    };
    Kind kind = Kind::ask;
    std::uint8_t immediate = 0;  ///< bytes
    bool is_signed = false, is_relative = false;
    std::uint8_t count = 0;  ///< of fields
    std::array<Field, 6> fields = {};
    Operation base = {};
};

/// Asks the decoder library. `bytes`: of all but an immediate.
Form learn_form(std::span<const std::uint8_t> code, std::size_t bytes);

}  // namespace lf::x86
