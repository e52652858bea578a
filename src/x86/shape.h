// SPDX-License-Identifier: MIT
/// \file
/// \brief The shape of an encoding: all bits on which its validity, set, flow and immediate depend, and no others, so
/// that what was learned of one instruction holds for every other of its shape.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lf::x86 {

struct Shape {
    enum Kind : std::uint8_t {
        known,  ///< `key` and the rest are set
        cut,    ///< the bytes end within the instruction
        ask,    ///< depends on more than a key holds (VSIB), or is too odd to be worth one: prefixes that contradict
    };
    Kind kind = ask;
    bool address_size = false;  ///< 67
    std::uint8_t modrm = 0;     ///< where it stands; 0 = none
    std::uint8_t bytes = 0;     ///< of all but an immediate
    std::uint64_t key = 0;      ///< never 0
};

/// `size`: how many bytes may be read, 1 to 15.
Shape shape_of(const std::uint8_t* code, std::size_t size);

}  // namespace lf::x86
