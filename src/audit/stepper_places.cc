// SPDX-License-Identifier: MIT
// Instructions that move values between places: the stack, vector registers, and the CPU's answers.
#include <algorithm>
#include <optional>

#include "audit/cpu_answers.h"
#include "audit/stepper.h"

namespace lf::audit {

Value plus(Values& values, const Value& a, const Value& b) {
    if (a.base != Base::number || b.base != Base::number) {
        const Value& based = a.base != Base::number ? a : b;
        const Value& offset = a.base != Base::number ? b : a;
        if (!offset.constant()) return based.base == Base::stack ? Value{0, 0, 0, Base::stack} : Value{};
        Value out = based;
        if (based.base == Base::object)
            out.bits = (based.bits & 0xffffffff00000000) | ((based.bits + offset.bits) & 0xffffffff);
        else out.bits += offset.bits;
        return out;
    }
    if (a.constant() && b.constant()) return number(a.bits + b.bits);
    Bit carry = kZeroBit, overflow;
    return values.add(a, b, 64, carry, overflow);
}

void Stepper::stack() {
    Value& top = state.registers[kRsp];
    if (operation.op == Op::leave) {
        top = state.registers[kRbp];
        if (top.base != Base::stack || top.known == 0) {
            top = state.registers[kRbp] = {};
            return;
        }
        state.registers[kRbp] =
            load(values, state, {Place::Kind::stack, static_cast<std::int64_t>(top.bits)}, 8, outside);
        top = plus(values, top, number(8));
        return;
    }
    const bool known = top.base == Base::stack && top.known != 0;
    if (operation.op == Op::push) {
        const Value v = read(operand(0));
        top = plus(values, top, number(~std::uint64_t{7}));
        if (known) store(state, {Place::Kind::stack, static_cast<std::int64_t>(top.bits)}, v, 8);
        outside.escaped(v, state);
        return;
    }
    const Value v =
        known ? load(values, state, {Place::Kind::stack, static_cast<std::int64_t>(top.bits)}, 8, outside) : Value{};
    top = plus(values, top, number(8));
    if (operand(0).kind == Kind::general) write(operand(0), v);
}

std::array<Value, 2> Stepper::load_vector(const Operand& from, unsigned size) const {
    Place place = place_of(from);
    std::array<Value, 2> out = {load(values, state, place, std::min(size, 8U), outside), number(0)};
    place.address += 8;
    if (size >= 16) out[1] = load(values, state, place, 8, outside);
    return out;
}

void Stepper::store_vector(const Operand& to, const std::array<Value, 2>& from, unsigned size) {
    Place place = place_of(to);
    for (unsigned done = 0, part = 0; done < size && part < 8; ++part) {
        const unsigned here = std::min(size - done, 8U);
        const Value v = part < 2 ? values.low(from[part], here) : Value{};
        outside.stored(place, v, here, state);
        store(state, place, v, here);
        place.address += here;
        done += here;
    }
}

// long: five ways to fill the halves of a vector register
void Stepper::vector() {
    const Operand& to = operand(0);
    const Operand& from = operand(1);
    if (operation.op == Op::vector_insert || operation.op == Op::vector_unpack || operation.op == Op::vector_high) {
        if (to.kind == Kind::memory) return store_vector(to, {state.vectors[from.number & 15U][1], {}}, 8);
        std::array<Value, 2>& out = state.vectors[to.number & 15U];
        const Value v = from.kind == Kind::memory ? load_vector(from, std::min<unsigned>(from.size, 8))[0] : read(from);
        outside.escaped(v, state);
        if (operation.op != Op::vector_insert) {
            out[1] = from.kind == Kind::vector ? state.vectors[from.number & 15U][0] : v;
            return;
        }
        const auto index = static_cast<unsigned>(operand(2).value & 3U);
        if (from.size == 8) out[index & 1U] = v;
        else out[index / 2] = values.insert(out[index / 2], v, (index % 2) * 4, 4);
        return;
    }
    if (to.kind == Kind::memory) return store_vector(to, state.vectors[from.number & 15U], to.size);
    if (to.kind == Kind::general) return write(to, values.low(state.vectors[from.number & 15U][0], to.size));
    if (to.kind != Kind::vector) return;
    std::array<Value, 2>& out = state.vectors[to.number & 15U];
    if (from.kind == Kind::memory) {
        out = load_vector(from, from.size);
    } else if (from.kind == Kind::general) {
        const Value v = read(from);
        outside.escaped(v, state);
        out = {v, number(0)};
    } else if (from.kind == Kind::vector) {
        out = state.vectors[from.number & 15U];
    }
}

void Stepper::answers() {
    const auto word = [](const Value& v) -> std::optional<std::uint32_t> {
        if (v.formulas != 0 || v.base != Base::number || (v.known & 0xffffffff) != 0xffffffff) return std::nullopt;
        return static_cast<std::uint32_t>(v.bits);
    };
    const auto first = word(state.registers[kRax]), second = word(state.registers[kRcx]);
    if (operation.op == Op::xgetbv) {
        state.registers[kRax] =
            second == 0U ? xcr0_word(values) : cpuid_word(values, {}, {}, facts::CpuidRegister::eax);
        state.registers[kRdx] = cpuid_word(values, {}, {}, facts::CpuidRegister::edx);
        return;
    }
    state.registers[kRax] = cpuid_word(values, first, second, facts::CpuidRegister::eax);
    state.registers[kRbx] = cpuid_word(values, first, second, facts::CpuidRegister::ebx);
    state.registers[kRcx] = cpuid_word(values, first, second, facts::CpuidRegister::ecx);
    state.registers[kRdx] = cpuid_word(values, first, second, facts::CpuidRegister::edx);
}

}  // namespace lf::audit
