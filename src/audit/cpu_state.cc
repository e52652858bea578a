// SPDX-License-Identifier: MIT
// What one instruction makes of a State.
#include "audit/cpu_state.h"

#include <algorithm>
#include <limits>

#include "audit/stepper.h"

namespace lf::audit {

Value Stepper::address_value(const Operand& o) const {
    Value out = number(o.value);
    if (o.base != x86::kNoRegister) out = plus(values, out, state.registers[o.base & 15U]);
    if (o.index != x86::kNoRegister) {
        const Value& index = state.registers[o.index & 15U];
        Value scaled = index;
        for (unsigned s = o.scale; s > 1; s /= 2) scaled = values.left(scaled, 1);
        out = plus(values, out, scaled);
    }
    return out;
}

// Where the array begins that an index counts in; without one that is known, below all.
std::int64_t Stepper::array_on_stack(const Operand& o) const {
    for (const std::uint8_t r : {o.base, o.index}) {
        if (r == x86::kNoRegister) continue;
        const Value& v = state.registers[r & 15U];
        if (v.base == Base::stack && v.known != 0) return static_cast<std::int64_t>(v.bits + o.value);
    }
    return std::numeric_limits<std::int64_t>::min();
}

Place Stepper::place_of(const Operand& o) const {
    if (o.other_segment) return {Place::Kind::other, 0};
    const Value at = address_value(o);
    const auto bits = static_cast<std::int64_t>(at.bits);
    if (at.base == Base::stack && at.known == 0) return {Place::Kind::some_of_stack, array_on_stack(o)};
    if (at.base == Base::stack) return {Place::Kind::stack, bits};
    if (at.base == Base::object) return {Place::Kind::object, bits};
    if (at.constant()) return {Place::Kind::file, bits};
    // An array of the file, or a place behind a pointer.
    const auto base = o.base != x86::kNoRegister ? state.registers[o.base & 15U] : number(0);
    if (o.index != x86::kNoRegister && base.constant() && base.bits + o.value > 0xffff)
        return {Place::Kind::some_of_file, static_cast<std::int64_t>(base.bits + o.value)};
    return {Place::Kind::unknown, static_cast<std::int64_t>(o.value)};
}

Value Stepper::read(const Operand& o) const {
    switch (o.kind) {
        case Kind::immediate: return number(o.value & mask_of(o.size == 0 ? 8 : o.size));
        case Kind::general: {
            const Value& whole = state.registers[o.number & 15U];
            if (o.high_byte) return values.low(values.right(whole, 8, 64, false), 1);
            return values.low(whole, o.size);
        }
        case Kind::memory: return load(values, state, place_of(o), std::min<unsigned>(o.size, 8), outside);
        case Kind::vector: return values.low(state.vectors[o.number & 15U][0], std::min<unsigned>(o.size, 8));
        case Kind::none: break;
    }
    return {};
}

void Stepper::write(const Operand& o, const Value& value) {
    if (o.kind == Kind::general) {
        Value& whole = state.registers[o.number & 15U];
        if (o.size >= 8) whole = value;
        else if (o.size == 4) whole = values.low(value, 4);
        else whole = values.insert(whole, value, o.high_byte ? 1 : 0, o.size);
    } else if (o.kind == Kind::memory) {
        const Place place = place_of(o);
        const unsigned size = std::min<unsigned>(o.size, 8);
        outside.stored(place, value, size, state);
        store(state, place, value, size);
        if (place.kind == Place::Kind::some_of_stack || place.kind == Place::Kind::some_of_file)
            outside.overwritten(place, 0, state);
    }
}

void Stepper::set_flags(const Value& result, unsigned bytes, Bit carry, Bit overflow) {
    state.carry = carry;
    state.overflow = overflow;
    state.zero = values.is_zero(result, bytes);
    state.sign = values.bit(result, bytes * 8 - 1);
}

bool Stepper::sources_from_cpu() const {
    for (unsigned i = 0; i < 16; ++i) {
        if (((operation.reads >> i) & 1U) != 0 && state.registers[i].formulas != 0) return true;
        if (((operation.vector_reads >> i) & 1U) != 0 &&
            (state.vectors[i][0].formulas != 0 || state.vectors[i][1].formulas != 0))
            return true;
    }
    for (std::size_t i = 0; i < operation.count; ++i)
        if (operand(i).kind == Kind::memory && read(operand(i)).formulas != 0) return true;
    return false;
}

// An instruction whose meaning we do not follow: what it writes depends on what it reads.
void Stepper::unknown() {
    const bool cpu = sources_from_cpu();
    Bits all;
    all.fill(values.something());
    const Value made = cpu ? values.make(all) : Value{};
    for (unsigned i = 0; i < 16; ++i) {
        if (((operation.reads >> i) & 1U) != 0) outside.escaped(state.registers[i], state);
        if (((operation.writes >> i) & 1U) != 0 && i != kRsp) state.registers[i] = made;
        if (((operation.vector_writes >> i) & 1U) != 0) state.vectors[i] = {made, made};
    }
    if (operation.op != Op::bt) unknown_store(made);
    if (!operation.writes_flags) return;
    const Bit flag = cpu ? values.something() : kAnyBit;
    state.carry = state.zero = state.sign = state.overflow = flag;
}

void Stepper::logic() {
    const bool three = operation.op == Op::andn;
    const Value a = read(operand(three ? 1 : 0));
    const unsigned size = operand(0).size;
    if (operation.op == Op::not_) return write(operand(0), values.low(values.flip(a), size));
    const Operand& second = operand(three ? 2 : 1);
    Value b = read(second);
    if (second.kind == Kind::immediate) b = number(second.value & mask_of(size));
    Value out;
    const bool same = operand(0).kind == Kind::general && second.kind == Kind::general &&
                      operand(0).number == second.number && operand(0).high_byte == second.high_byte;
    if (operation.op == Op::xor_) out = same ? number(0) : values.differ(a, b);
    else if (operation.op == Op::or_) out = same ? a : values.either(a, b);
    else if (three) out = values.both(values.flip(a), b);
    // Aligning the stack pointer: any fixed place will do.
    else if (a.base == Base::stack && b.constant()) out = {a.known, a.bits & b.bits, 0, Base::stack};
    else out = same ? a : values.both(a, b);
    set_flags(out, size, kZeroBit, kZeroBit);
    if (operation.op != Op::test) write(operand(0), out);
}

// long: the six sums differ in what they add, and in which flags they leave alone
void Stepper::sum() {
    const Op op = operation.op;
    const unsigned size = operand(0).size;
    const Value a = read(operand(0));
    Value b = number(1);
    if (op == Op::neg) b = a;
    else if (op != Op::inc && op != Op::dec) b = read(operand(1));
    if (operand(1).kind == Kind::immediate && operation.count > 1) b = number(operand(1).value & mask_of(size));
    const bool minus = op == Op::sub || op == Op::sbb || op == Op::cmp || op == Op::dec || op == Op::neg;
    const bool same = operation.count > 1 && operand(0).kind == Kind::general && operand(1).kind == Kind::general &&
                      operand(0).number == operand(1).number;
    if (op == Op::sbb && same) {  // all ones where the carry is set
        const Value out = values.low(values.choose(state.carry, number(~std::uint64_t{0}), number(0)), size);
        set_flags(out, size, state.carry, kZeroBit);
        return write(operand(0), out);
    }
    if (a.base != Base::number || b.base != Base::number) {
        Value out;
        if (!minus) out = plus(values, a, b);
        else if (a.base != Base::number && b.constant()) out = plus(values, a, number(~b.bits + 1));
        state.carry = state.zero = state.sign = state.overflow = kAnyBit;
        if (op != Op::cmp) write(operand(0), out);
        return;
    }
    Bit carry = op == Op::adc ? state.carry : kZeroBit, overflow;
    if (minus) carry = op == Op::sbb ? Values::flip(state.carry) : kOneBit;
    const Value& x = op == Op::neg ? number(0) : a;
    const Value sum = values.add(x, minus ? values.low(values.flip(b), size) : b, size * 8, carry, overflow);
    const Bit kept = state.carry;
    set_flags(sum, size, minus ? Values::flip(carry) : carry, overflow);
    if (op == Op::inc || op == Op::dec) state.carry = kept;
    if (op == Op::sub || op == Op::cmp) state.zero = same ? kOneBit : values.is_zero(values.differ(a, b), size);
    if (op == Op::neg) state.zero = values.is_zero(a, size), state.carry = Values::flip(state.zero);
    if (op != Op::cmp) write(operand(0), values.low(sum, size));
}

void Stepper::compare_bits() {
    const unsigned size = operand(0).size;
    const Value index = read(operand(1)), whole = read(operand(0));
    if (!index.constant()) {
        unknown();
        return;
    }
    const auto i = static_cast<unsigned>(index.bits % (std::uint64_t{size} * 8U));
    state.carry = values.bit(whole, i);
    state.sign = state.overflow = kAnyBit;
    if (operation.op == Op::bt) return;
    const Value mask = number(std::uint64_t{1} << i);
    write(operand(0), operation.op == Op::bts ? values.either(whole, mask) : values.both(whole, values.flip(mask)));
}

void Stepper::shift() {
    const bool three = operation.count == 3;  // SHLX and its like leave the flags alone
    const Value a = read(operand(three ? 1 : 0));
    const unsigned size = operand(0).size, width = size * 8;
    Value count = number(1);
    if (operation.count > 1) count = read(operand(three ? 2 : 1));
    if (!count.constant()) return unknown();
    const auto n = static_cast<unsigned>(count.bits & (size == 8 ? 63U : 31U));
    if (n == 0) return;
    Value out;
    Bit last = kAnyBit;
    if (operation.op == Op::shl) {
        out = values.low(values.left(a, n), size);
        last = n <= width ? values.bit(a, width - n) : kZeroBit;
    } else {
        out = values.right(a, n, width, operation.op == Op::sar);
        out = values.low(out, size);
        last = n <= width ? values.bit(a, n - 1) : kZeroBit;
    }
    if (!three) set_flags(out, size, last, kAnyBit);
    write(operand(0), out);
}

void Stepper::rotate() {
    const bool three = operation.count == 3;
    const Value a = read(operand(three ? 1 : 0));
    const unsigned size = operand(0).size, width = size * 8;
    Value count = number(1);
    if (operation.count > 1) count = read(operand(three ? 2 : 1));
    if (!count.constant()) return unknown();
    unsigned n = static_cast<unsigned>(count.bits) % width;
    if (operation.op == Op::ror) n = (width - n) % width;
    Bits out;
    out.fill(kZeroBit);
    for (unsigned i = 0; i < width; ++i) out[(i + n) % width] = values.bit(a, i);
    if (!three) state.carry = operation.op == Op::ror ? out[width - 1] : out[0], state.overflow = kAnyBit;
    write(operand(0), values.make(out));
}

void Stepper::move() {
    switch (operation.op) {
        case Op::mov: {
            const Value v = read(operand(1));
            if (operand(0).kind == Kind::memory) outside.escaped(v, state);
            if (operand(1).kind == Kind::immediate) write(operand(0), number(operand(1).value));
            else write(operand(0), v);
            break;
        }
        case Op::movsx:
            write(operand(0), values.low(values.sign_extended(read(operand(1)), operand(1).size), operand(0).size));
            break;
        case Op::extend: {  // CWDE, CDQE
            const unsigned half = (operation.writes & 1U) != 0 && operation.length > 1 ? 4 : 2;
            state.registers[kRax] = half == 4 ? values.sign_extended(values.low(state.registers[kRax], 4), 4)
                                              : values.low(values.sign_extended(state.registers[kRax], 2), 4);
            break;
        }
        case Op::cmov: {
            const Bit when = condition(values, state, operation.condition);
            const Value yes = read(operand(1)), no = read(operand(0));
            write(operand(0), values.choose(when, yes, no));
            break;
        }
        case Op::set: {
            Bits out;
            out.fill(kZeroBit);
            out[0] = condition(values, state, operation.condition);
            write(operand(0), values.make(out));
            break;
        }
        case Op::xchg: {
            const Value a = read(operand(0)), b = read(operand(1));
            write(operand(0), b);
            write(operand(1), a);
            break;
        }
        default: break;
    }
}

// long: one line for each kind of instruction
void Stepper::run() {
    switch (operation.op) {
        case Op::mov:
        case Op::movsx:
        case Op::extend:
        case Op::cmov:
        case Op::set:
        case Op::xchg: return move();
        case Op::lea: return write(operand(0), values.low(address_value(operand(1)), operand(0).size));
        case Op::and_:
        case Op::andn:
        case Op::or_:
        case Op::xor_:
        case Op::not_:
        case Op::test: return logic();
        case Op::neg:
        case Op::add:
        case Op::sub:
        case Op::adc:
        case Op::sbb:
        case Op::cmp:
        case Op::inc:
        case Op::dec: return sum();
        case Op::bt:
        case Op::bts:
        case Op::btr: return compare_bits();
        case Op::shl:
        case Op::shr:
        case Op::sar: return shift();
        case Op::rol:
        case Op::ror: return rotate();
        case Op::push:
        case Op::pop:
        case Op::leave: return stack();
        case Op::cpuid:
        case Op::xgetbv: return answers();
        case Op::vector_move:
        case Op::vector_insert:
        case Op::vector_unpack:
        case Op::vector_high: return vector();
        case Op::nop:
        case Op::call:
        case Op::jump:
        case Op::conditional:
        case Op::ret: return;
        case Op::store_string: return string();
        case Op::other: return unknown();
    }
}

Bit condition(Values& values, const State& state, x86::Condition condition) {
    Bit out = kAnyBit;
    const Bit less = values.differ(state.sign, state.overflow);
    switch (condition / 2) {
        case 0: out = state.overflow; break;
        case 1: out = state.carry; break;
        case 2: out = state.zero; break;
        case 3: out = values.either(state.carry, state.zero); break;
        case 4: out = state.sign; break;
        case 6: out = less; break;
        case 7: out = values.either(state.zero, less); break;
        default: break;
    }
    return condition % 2 == 0 ? out : Values::flip(out);
}

void step(Values& values, State& state, const x86::Operation& operation, Outside& outside) {
    Stepper{values, state, operation, outside}.run();
}

}  // namespace lf::audit
