// SPDX-License-Identifier: MIT
/// \file
/// \brief What one instruction does with its operands, as far as answers of the CPU flow through it: moves, bit
/// operations, tests, branches. Slower than x86/decode.h; asked only where such answers may be.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace lf::x86 {

/// What we know the meaning of. `other` writes Operation::writes, and what it writes is not known.
enum class Op : std::uint8_t {
    other,
    nop,
    mov,
    movsx,
    lea,
    and_,
    andn,
    or_,
    xor_,
    not_,
    neg,
    add,
    sub,
    adc,
    sbb,
    cmp,
    inc,
    dec,
    test,
    bt,
    bts,
    btr,
    shl,
    shr,
    sar,
    rol,
    ror,
    set,
    cmov,
    push,
    pop,
    leave,
    xchg,
    extend,  ///< CDQE and its like: the accumulator's sign spread within it
    call,
    jump,
    conditional,  ///< Jcc
    ret,
    cpuid,
    xgetbv,
    vector_move,    ///< whole or partial move from, to or between vector registers, zeroing what it does not fill
    vector_insert,  ///< PINSRD, PINSRQ: operand 0, operand 1 at index operand 2
    vector_unpack,  ///< PUNPCKLQDQ: the low halves of operands 0 and 1
    vector_high,    ///< MOVHPS: the upper half only
    store_string,   ///< MOVS, STOS: operand 1 to where operand 0 is; as often as RCX says where that is written (REP)
};

/// Jcc, SETcc and CMOVcc by the low four bits of their opcode: 2 = B (CF), 4 = Z, 5 = NZ, 8 = S …
using Condition = std::uint8_t;

inline constexpr std::uint8_t kNoRegister = 0xff;

/// 16 bytes: a function's code is kept as these.
struct Operand {
    enum class Kind : std::uint8_t { none, general, vector, memory, immediate };
    Kind kind = Kind::none;
    std::uint8_t number = kNoRegister;  ///< of the register, 0 to 15 (vector: to 31)
    std::uint8_t size = 0;              ///< bytes, at most 64: see covered_bytes()
    // Memory: base + index * scale + displacement; RIP is added to the displacement already.
    std::uint8_t base = kNoRegister, index = kNoRegister, scale = 0;
    bool high_byte : 1 = false;      ///< AH, CH, DH, BH
    bool absolute : 1 = false;       ///< the displacement alone is the address (RIP-relative, or no register at all)
    bool other_segment : 1 = false;  ///< FS or GS
    std::uint64_t value = 0;         ///< immediate (sign-extended to 64 bits), or displacement
    bool operator==(const Operand&) const = default;
};

struct Operation {
    Op op = Op::other;
    Condition condition = 0;
    std::uint8_t length = 0;  ///< 0 = not decodable
    std::uint8_t count = 0;
    std::uint16_t reads = 0, writes = 0;   ///< general registers, implicit ones too
    std::array<Operand, 3> operands = {};  ///< those written in assembly; of MOVS and STOS: where to, and what
    std::uint32_t vector_reads = 0, vector_writes = 0;
    bool writes_flags = false;
    std::uint64_t target = 0;  ///< of a direct call, jump or conditional; 0 = another kind
    bool operator==(const Operation&) const = default;
};

/// How many bytes operand 0 covers: Operand::size, but for what saves the processor's state (FXSAVE).
unsigned covered_bytes(const Operation& operation);

/// The instruction at the front of `code`, which lies at `address`. The decoder library is asked once for each form of
/// encoding and remembered (thread-local), as by decode().
Operation operation(std::span<const std::uint8_t> code, std::uint64_t address);

/// The same by the decoder library alone: the judge of the above.
Operation operation_slowly(std::span<const std::uint8_t> code, std::uint64_t address);

}  // namespace lf::x86
