// SPDX-License-Identifier: MIT
/// \file
/// \brief One instruction at work on a State: the pieces of step().
#pragma once

#include <array>

#include "audit/cpu_state.h"

namespace lf::audit {

using x86::Op;
using x86::Operand;
using Kind = Operand::Kind;

/// One instruction at work.
struct Stepper {
    Values& values;
    State& state;
    const x86::Operation& operation;
    Outside& outside;

    const Operand& operand(std::size_t i) const { return operation.operands[i]; }

    Place place_of(const Operand& o) const;
    std::int64_t array_on_stack(const Operand& o) const;
    Value read(const Operand& o) const;
    void write(const Operand& o, const Value& value);
    void set_flags(const Value& result, unsigned bytes, Bit carry, Bit overflow);
    bool sources_from_cpu() const;
    void unknown();
    void unknown_store(const Value& made);
    void string();
    void logic();
    void sum();
    void compare_bits();
    void shift();
    void rotate();
    void move();
    void address();
    void stack();
    void vector();
    void answers();
    void run();
    Value address_value(const Operand& o) const;
    void store_vector(const Operand& to, const std::array<Value, 2>& from, unsigned size);
    std::array<Value, 2> load_vector(const Operand& from, unsigned size) const;
};

/// a + b, where either may be an address.
Value plus(Values& values, const Value& a, const Value& b);

}  // namespace lf::audit
