// SPDX-License-Identifier: MIT
/// \file
/// \brief The bytes around an opcode: prefixes, the fields of VEX and EVEX, and how long a memory operand is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lf::x86 {

inline constexpr std::size_t kLongest = 15;  ///< of all instructions; longer ones are #GP (SDM vol. 2, 2.3.11)

/// Legacy prefixes in front of an opcode, up to the one byte after them.
struct Prefixes {
    std::size_t count = 0;
    bool operand_size = false;  ///< 66
    bool address_size = false;  ///< 67
    bool rep = false;           ///< F3
    bool repne = false;         ///< F2
    bool lock = false;          ///< F0
};

/// No more than kLongest bytes are looked at. REX is not taken for one.
Prefixes scan_prefixes(std::span<const std::uint8_t> code);

/// The payload of a VEX or EVEX prefix, registers' bits turned the right way round.
struct Vector {
    bool evex = false;
    std::uint8_t map = 0;
    std::uint8_t pp = 0;      ///< 0 none, 1 66, 2 F3, 3 F2
    std::uint8_t length = 0;  ///< L'L
    std::uint8_t vvvv = 0;    ///< with EVEX.V' as bit 4
    std::uint8_t r = 0;       ///< with EVEX.R' as bit 1
    std::uint8_t x = 0;
    std::uint8_t b = 0;
    std::uint8_t mask = 0;  ///< aaa
    bool w = false;
    bool zero = false;       ///< z
    bool broadcast = false;  ///< b: broadcast, rounding or no exceptions; of APX: ND
    bool b4 = false;         ///< EVEX: bit 4 of a base register, APX
    bool x4 = false;         ///< EVEX: bit 4 of an index register, APX
    std::size_t opcode = 0;  ///< where it stands in `code`
};

/// `at`: of the C4, C5 or 62. false: `code` ends before the opcode and its ModRM.
bool read_vector(std::span<const std::uint8_t> code, std::size_t at, Vector& out);

/// ModRM, SIB and displacement, in bytes. 0: `code` ends before.
inline std::size_t operand_bytes(std::span<const std::uint8_t> code, std::size_t at) {
    if (at >= code.size()) return 0;
    const unsigned modrm = code[at];
    const unsigned mod = modrm >> 6, rm = modrm & 7;
    if (mod == 3) return 1;
    std::size_t bytes = mod == 1 ? 2 : mod == 2 || rm == 5 ? 5 : 1;
    if (rm == 4) {
        ++bytes;
        if (mod == 0) {
            if (at + 1 >= code.size()) return 0;
            if ((code[at + 1] & 7) == 5) bytes += 4;
        }
    }
    return at + bytes <= code.size() ? bytes : 0;
}

/// The address that RIP-relative ModRM at `at` of an instruction of `length` bytes at `address` names; 0 for another
/// form.
std::uint64_t rip_target(std::span<const std::uint8_t> code, std::size_t at, std::uint64_t address, std::size_t length,
                         bool address_size);

}  // namespace lf::x86
