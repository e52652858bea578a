// SPDX-License-Identifier: MIT
#include "audit/trace.h"

#include <algorithm>

namespace lf::audit {
namespace {

using x86::Op;
using x86::Operand;
using x86::Operation;
using Kind = Origin::Kind;

constexpr Origin kPlain = {Kind::plain, 0}, kDoubtful = {Kind::doubtful, 0}, kOutside = {Kind::outside, 0};
constexpr std::size_t kSlots = 512;
constexpr std::int64_t kTaken = 64;  // how far behind an address that was given away a callee may write

Origin constant(std::uint64_t n) { return {Kind::constant, static_cast<std::int64_t>(n)}; }

/// Of a value that is made of two.
Origin made_of(Origin a, Origin b) {
    if (a.doubtful() || b.doubtful()) return kDoubtful;
    return a.kind == Kind::outside || b.kind == Kind::outside ? kOutside : kPlain;
}

Origin either(Origin a, Origin b) {
    if (a == b) return a;
    if (a.doubtful() || b.doubtful()) return kDoubtful;
    return kPlain;
}

bool overlaps(const Slot& s, std::int64_t at, std::int64_t size) { return s.at < at + size && at < s.at + s.size; }

bool same_register(const Operand& a, const Operand& b) {
    return a.kind == Operand::Kind::general && b.kind == Operand::Kind::general && a.number == b.number;
}

}  // namespace

bool join(Traces& into, const Traces& from) {
    if (!from.reached) return false;
    if (!into.reached) {
        into = from;
        return true;
    }
    bool news = false;
    for (std::size_t i = 0; i < into.registers.size(); ++i) {
        const Origin both = either(into.registers[i], from.registers[i]);
        news = news || both != into.registers[i];
        into.registers[i] = both;
    }
    news = news || (from.flags && !into.flags);
    into.flags = into.flags || from.flags;
    auto other = from.slots.begin();
    const auto differs = [&](Slot& s) {  // by address, as the others are
        while (other != from.slots.end() && other->at < s.at) ++other;
        if (other == from.slots.end() || other->at != s.at || other->size != s.size) return true;
        const Origin both = either(s.origin, other->origin);
        news = news || both != s.origin;
        s.origin = both;
        return both.doubtful();
    };
    // Not std::erase_if, which may copy the predicate and with it `other`.
    auto end = into.slots.begin();
    for (Slot& s : into.slots)
        if (!differs(s)) *end++ = s;
    news = news || end != into.slots.end();
    into.slots.erase(end, into.slots.end());
    return news;
}

bool Tracer::may_hold_answer(std::uint64_t address, unsigned size) const {
    constexpr std::uint64_t kModelSize = 16, kWord = 8;
    if (const auto d = doubtful_.lower_bound(address & ~(kWord - 1)); d != doubtful_.end() && *d < address + size)
        return true;
    if (lost_ || guards_.memory.holds(address, size)) return true;
    for (const std::uint64_t model : {guards_.gcc.model, guards_.gcc.features2})
        if (model != 0 && address >= model && address - model < kModelSize) return true;
    return false;
}

Origin Tracer::load_file(std::uint64_t address, unsigned size) const {
    const Pointed pointed = size == 8 ? guards_.map().pointers.at(address) : Pointed{};
    if (pointed.kind == Pointed::Kind::import)
        return cpu_object(pointed.symbol) == CpuObject::none ? kOutside : kDoubtful;
    if (pointed.kind == Pointed::Kind::address && (!pointed.symbol.empty() || guards_.settled(address)))
        return constant(pointed.address);
    if (!guards_.written_to(address) || guards_.settled(address)) return kPlain;
    return may_hold_answer(address, size) ? kDoubtful : kPlain;
}

Origin Tracer::address_of(const Traces& state, const Operand& o) const {
    Origin out = constant(o.value);
    for (const std::uint8_t r : {o.base, o.index}) {
        if (r == x86::kNoRegister) continue;
        const Origin& part = state.registers[r & 15U];
        const bool scaled = r == o.index && o.scale > 1;
        if (out.kind == Kind::constant && !scaled && (part.kind == Kind::constant || part.kind == Kind::stack))
            out = {part.kind, part.value + out.value};
        else out = made_of(out, part);
    }
    return out;
}

Origin Tracer::load(const Traces& state, const Operand& o) const {
    // A flag of the thread's own; what the C library keeps at the beginning of its block is none (the stack's canary).
    constexpr std::uint64_t kOfLibrary = 0x80;
    const bool absolute = o.base == x86::kNoRegister && o.index == x86::kNoRegister;
    if (o.other_segment) return absolute && o.value < kOfLibrary ? kPlain : kDoubtful;
    const Origin at = address_of(state, o);
    if (at.kind == Kind::constant) return load_file(static_cast<std::uint64_t>(at.value), o.size);
    if (at.kind == Kind::outside) return kOutside;
    if (at.kind == Kind::stack) {
        for (const Slot& s : state.slots)
            if (s.at <= at.value && at.value + o.size <= s.at + s.size)
                return s.at == at.value && s.size == o.size ? s.origin : made_of(s.origin, kPlain);
        return kDoubtful;
    }
    // A table of the file, at an index.
    const Origin base = o.base != x86::kNoRegister ? state.registers[o.base & 15U] : constant(0);
    if (o.index == x86::kNoRegister || base.kind != Kind::constant) return kDoubtful;
    const Origin index = made_of(state.registers[o.index & 15U], kPlain);
    const std::uint64_t table = static_cast<std::uint64_t>(base.value) + o.value;
    constexpr unsigned kNear = 64;
    if (guards_.written_to(table) && !guards_.settled(table) && may_hold_answer(table, kNear)) return kDoubtful;
    return index;
}

Origin Tracer::read(const Traces& state, const Operand& o) const {
    switch (o.kind) {
        case Operand::Kind::immediate: return constant(o.value);
        case Operand::Kind::general: {
            const Origin& whole = state.registers[o.number & 15U];
            const bool part = o.size < 4 || (o.size == 4 && whole.kind == Kind::stack);
            return part ? made_of(whole, kPlain) : whole;
        }
        case Operand::Kind::memory: return load(state, o);
        default: return kPlain;
    }
}

void Tracer::store(Traces& state, std::int64_t at, unsigned size, Origin value) {
    std::erase_if(state.slots, [&](const Slot& s) { return overlaps(s, at, size); });
    if (value.doubtful() || size > 8 || state.slots.size() >= kSlots) return;
    const auto place = std::lower_bound(state.slots.begin(), state.slots.end(), at,
                                        [](const Slot& s, std::int64_t a) { return s.at < a; });
    state.slots.insert(place, {at, static_cast<std::uint8_t>(size), value});
}

void Tracer::write(Traces& state, const Operand& o, Origin value) {
    if (o.kind == Operand::Kind::general) {
        Origin& whole = state.registers[o.number & 15U];
        whole = o.size >= 4 ? value : made_of(whole, value);
    } else if (o.kind == Operand::Kind::memory && !o.other_segment) {
        const Origin at = address_of(state, o);
        if (at.kind == Kind::stack) store(state, at.value, o.size, value);
        if (at.kind == Kind::constant && value.doubtful()) written_.push_back(static_cast<std::uint64_t>(at.value));
    }
}

// Of an instruction whose meaning is not followed: string stores, and such of more than a register (FXSAVE: 512 bytes).
void Tracer::write_all(Traces& state, const Operation& operation, Origin value) {
    constexpr std::uint64_t kFar = 4096;
    const Operand& to = operation.operands[0];
    std::uint64_t size = std::max(x86::covered_bytes(operation), 1U);
    if (operation.op == Op::store_string && ((operation.writes >> kRcx) & 1U) != 0) {
        const Origin& times = state.registers[kRcx];
        const bool known = times.kind == Kind::constant && static_cast<std::uint64_t>(times.value) < kFar / size;
        size = known ? size * static_cast<std::uint64_t>(times.value) : kFar;
    }
    const Origin at = to.other_segment ? kPlain : address_of(state, to);
    if (at.kind == Kind::stack)
        std::erase_if(state.slots,
                      [&](const Slot& s) { return overlaps(s, at.value, static_cast<std::int64_t>(size)); });
    for (std::uint64_t i = 0; i < size && at.kind == Kind::constant && value.doubtful(); i += 8)
        written_.push_back(static_cast<std::uint64_t>(at.value) + i);
}

void Tracer::take(Origin address) {
    if (address.kind == Kind::stack && std::find(taken_.begin(), taken_.end(), address.value) == taken_.end())
        taken_.push_back(address.value);
}

void Tracer::stack(Traces& state, const Operation& operation) {
    Origin& top = state.registers[kRsp];
    const Operand& o = operation.operands[0];
    if (operation.op == Op::leave) {
        top = state.registers[kRbp];
        state.registers[kRbp] = kDoubtful;
        if (top.kind != Kind::stack) return;
        Operand saved;
        saved.kind = Operand::Kind::memory;
        saved.size = 8;
        saved.base = kRsp;
        state.registers[kRbp] = load(state, saved);
        top.value += 8;
        return;
    }
    Operand place;
    place.kind = Operand::Kind::memory;
    place.size = 8;
    place.base = kRsp;
    if (operation.op == Op::push) {
        const Origin v = read(state, o);
        if (top.kind == Kind::stack) top.value -= 8;
        write(state, place, v);
        return;
    }
    const Origin v = load(state, place);
    if (top.kind == Kind::stack) top.value += 8;
    write(state, o, v);
}

void Tracer::arithmetic(Traces& state, const Operation& operation) {
    const Operand& to = operation.operands[0];
    const Op op = operation.op;
    const bool compares = op == Op::cmp || op == Op::test || op == Op::bt;
    if ((op == Op::xor_ || op == Op::sub) && same_register(to, operation.operands[1])) {
        state.flags = false;
        return write(state, to, constant(0));
    }
    const std::size_t first = op == Op::andn || operation.count == 3 ? 1 : 0;
    Origin out = op == Op::sbb || op == Op::adc ? Origin{state.flags ? Kind::doubtful : Kind::plain, 0} : kPlain;
    for (std::size_t i = first; i < operation.count; ++i) out = made_of(out, read(state, operation.operands[i]));
    const Origin before = read(state, to);
    const Operand& by = operation.operands[1];
    if (operation.count == 2 && by.kind == Operand::Kind::immediate && before.kind == Kind::stack) {
        const auto n = static_cast<std::int64_t>(by.value);
        if (op == Op::add) out = {Kind::stack, before.value + n};
        if (op == Op::sub) out = {Kind::stack, before.value - n};
        if (op == Op::and_) out = {Kind::stack, before.value & n};
    }
    if (operation.writes_flags) state.flags = out.doubtful();
    if (!compares) write(state, to, out);
}

// long: one case for each kind of instruction
void Tracer::step(Traces& state, const Operation& operation) {
    const Operand& to = operation.operands[0];
    const Operand& from = operation.operands[1];
    switch (operation.op) {
        case Op::mov: {
            const Origin v = read(state, from);
            if (to.kind != Operand::Kind::general || (to.number != kRbp && to.number != kRsp)) take(v);
            return write(state, to, v);
        }
        case Op::movsx: return write(state, to, made_of(read(state, from), kPlain));
        case Op::lea: {
            const Origin at = address_of(state, from);
            if (to.number != kRsp) take(at);
            return write(state, to, at);
        }
        case Op::set: return write(state, to, state.flags ? kDoubtful : kPlain);
        case Op::cmov: {
            const Origin chosen = either(read(state, to), read(state, from));
            return write(state, to, state.flags ? kDoubtful : chosen);
        }
        case Op::xchg: {
            const Origin a = read(state, to), b = read(state, from);
            write(state, to, b);
            return write(state, from, a);
        }
        case Op::extend: return;
        case Op::push:
        case Op::pop:
        case Op::leave: return stack(state, operation);
        case Op::cpuid:
        case Op::xgetbv:
            for (const std::uint8_t r : {kRax, kRbx, kRcx, kRdx}) state.registers[r] = kDoubtful;
            return;
        case Op::nop:
        case Op::call:
        case Op::jump:
        case Op::conditional:
        case Op::ret: return;
        case Op::vector_move:
        case Op::vector_insert:
        case Op::vector_unpack:
        case Op::vector_high:
            if (to.kind == Operand::Kind::general || to.kind == Operand::Kind::memory) write(state, to, kDoubtful);
            return;
        case Op::store_string:
        case Op::other: break;
        default: return arithmetic(state, operation);
    }
    Origin made = operation.vector_reads != 0 ? kDoubtful : kPlain;
    for (unsigned i = 0; i < 16; ++i)
        if (((operation.reads >> i) & 1U) != 0 && i != kRsp) made = made_of(made, state.registers[i]);
    for (std::size_t i = 0; i < operation.count; ++i)
        if (operation.operands[i].kind == Operand::Kind::memory && operation.operands[i].size <= 8)
            made = made_of(made, load(state, operation.operands[i]));
    if (to.kind == Operand::Kind::memory && operation.count > 0) {
        if (operation.op == Op::store_string || to.size > 8) write_all(state, operation, made);
        else write(state, to, made);
    }
    for (unsigned i = 0; i < 16; ++i)
        if (((operation.writes >> i) & 1U) != 0 && i != kRsp) state.registers[i] = made;
    if (operation.writes_flags) state.flags = made.doubtful();
}

void Tracer::after_call(Traces& state, Origin returned, bool within, std::uint16_t clobbered) {
    for (const std::uint8_t r : kClobberedByCalls)
        if (((clobbered >> r) & 1U) != 0) state.registers[r] = kDoubtful;
    state.registers[kRax] = returned;
    state.flags = false;
    if (!within) return;
    std::erase_if(state.slots, [&](const Slot& s) {
        return std::any_of(taken_.begin(), taken_.end(), [&](std::int64_t at) { return overlaps(s, at, kTaken); });
    });
}

}  // namespace lf::audit
