// SPDX-License-Identifier: MIT
/// \file
/// \brief Registers, flags and memory at one place of a function, and what one instruction makes of them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "audit/value.h"
#include "x86/operands.h"

namespace lf::audit {

/// The System V ABI's registers, by number.
enum Register : std::uint8_t { kRax = 0, kRcx = 1, kRdx = 2, kRbx = 3, kRsp = 4, kRbp = 5, kRsi = 6, kRdi = 7 };
inline constexpr std::array<std::uint8_t, 6> kArguments = {kRdi, kRsi, kRdx, kRcx, 8, 9};
inline constexpr std::array<std::uint8_t, 9> kClobberedByCalls = {kRax, kRcx, kRdx, kRsi, kRdi, 8, 9, 10, 11};

/// Where a memory operand lies.
struct Place {
    enum class Kind : std::uint8_t {
        unknown,        ///< behind a pointer that we do not know; `address` = the displacement
        stack,          ///< `address` from the stack pointer at entry
        file,           ///< an address of this file
        object,         ///< of another file; see Value
        some_of_stack,  ///< within the stack's frame, at an index that we do not know; `address` = of the array
        some_of_file,   ///< near an address of this file
        other,          ///< FS, GS
    };
    Kind kind = Kind::unknown;
    std::int64_t address = 0;
};

/// One byte of memory that was written here: byte `index` of `value`.
struct Cell {
    Place::Kind kind = Place::Kind::stack;
    std::int64_t address = 0;
    Value value;
    std::uint8_t index = 0;
    bool operator==(const Cell&) const = default;
};

struct State {
    Formula reach = kFalse;  ///< when may one come here
    std::array<Value, 16> registers = {};
    std::array<std::array<Value, 2>, 16> vectors = {};
    Bit carry, zero, sign, overflow;
    std::vector<Cell> cells = {};  ///< by kind and address
    bool operator==(const State&) const = default;
};

/// What one instruction needs to know of the rest of the file, and tells it.
class Outside {
  public:
    virtual ~Outside() = default;
    virtual Value load_file(std::uint64_t address, unsigned size) = 0;
    virtual Value load_object(std::uint64_t object, std::int64_t offset, unsigned size) = 0;
    virtual bool cpu_near(std::uint64_t address) = 0;
    virtual void stored(const Place& place, const Value& value, unsigned size, const State& state) = 0;
    /// Something that is not followed was written over these bytes: what lay there is known no more.
    virtual void overwritten(const Place& place, std::int64_t size, State& state) = 0;
    /// A value was given away in a way that is not followed: it may be called from now on.
    virtual void escaped(const Value& value, const State& state) = 0;
};

State entry_state();
void step(Values& values, State& state, const x86::Operation& operation, Outside& outside);
Bit condition(Values& values, const State& state, x86::Condition condition);
inline constexpr std::uint16_t kAllClobbered = 0xffff;

/// What holds after a function that is not followed; `clobbered`: the registers that it may write, one bit each.
void after_call(State& state, const Value& returned, std::uint16_t clobbered);
/// What of a state anybody may read; the rest counts as anything.
struct Live {
    std::uint16_t registers = 0xffff;  ///< general ones, one bit each
    bool flags = true;
};
/// Adds what comes from another way, under `when`; false = nothing new.
bool join(Values& values, State& into, const State& from, Formula when, Live live = {});
Value load(Values& values, const State& state, const Place& place, unsigned size, Outside& outside);
void store(State& state, const Place& place, const Value& value, unsigned size);
bool holds_answers(const State& state);  ///< in its memory

}  // namespace lf::audit
