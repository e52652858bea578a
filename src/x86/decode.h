// SPDX-License-Identifier: MIT
/// \file
/// \brief One instruction of 64-bit x86: its length, its instruction set and where it leads. No operands: those are in
/// x86/operands.h, which is slower.
#pragma once

#include <cstdint>
#include <span>

#include "x86/isa.h"

namespace lf::x86 {

enum class Flow : std::uint8_t {
    next,           ///< the next instruction
    call,           ///< direct; `target`
    jump,           ///< direct; `target`
    conditional,    ///< Jcc, JRCXZ, LOOP; `target`, or the next one. XBEGIN too
    indirect_call,  ///< through a register or memory; `target` = the RIP-relative address of the pointer, 0 = another
    indirect_jump,  ///< the same
    ret,            ///< RET, IRET, SYSRET
    stop,           ///< UD0/1/2, HLT: nothing comes after it
};

struct Insn {
    std::uint64_t target = 0;  ///< of direct flow, else the RIP-relative address of its memory operand; 0 = none
    IsaId isa = 0;
    std::uint8_t length = 0;  ///< 0 = not decodable (isa = kUnknownIsa): skip one byte
    Flow flow = Flow::next;
    bool asks_cpu = false;  ///< CPUID or XGETBV
};

/// The instruction at the front of `code` (at most 15 bytes are looked at), which lies at `address`.
/// Own tables; the decoder library is asked once for each form of encoding and remembered (thread-local).
Insn decode(std::span<const std::uint8_t> code, std::uint64_t address);

/// The same by the decoder library alone, and our recogniser of newer encodings: the judge of the above.
Insn decode_slowly(std::span<const std::uint8_t> code, std::uint64_t address);

}  // namespace lf::x86
