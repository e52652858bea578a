// SPDX-License-Identifier: MIT
// What a walk reads and writes outside of its function, and what it finds to lead out of it.
#include <algorithm>
#include <bit>

#include "audit/walk.h"

namespace lf::audit {

// ---- memory -------------------------------------------------------------------------------------------------------

Value Walk::load_file(std::uint64_t address, unsigned size) {
    constexpr std::uint64_t kModelSize = 16;
    const auto id = [](CpuObject o) { return std::uint64_t{static_cast<std::uint8_t>(o)}; };
    const GccModel& gcc = guards_.gcc;
    if (gcc.model != 0 && address >= gcc.model && address - gcc.model < kModelSize)
        return load_object(id(CpuObject::gcc_cpu_model), static_cast<std::int64_t>(address - gcc.model), size);
    if (gcc.features2 != 0 && address >= gcc.features2 && address - gcc.features2 < kModelSize)
        return load_object(id(CpuObject::gcc_cpu_features2), static_cast<std::int64_t>(address - gcc.features2), size);
    if (guards_.memory.holds(address, size)) {
        Value out = number(0);
        for (unsigned i = 0; i < size; ++i) {
            const Value* byte = guards_.memory.at(address + i);
            out = values_.insert(out, byte != nullptr ? *byte : guards_.initial_byte(address + i), i, 1);
        }
        return out;
    }
    const Pointed pointed = size == 8 ? guards_.map().pointers.at(address) : Pointed{};
    if (pointed.kind == Pointed::Kind::address && (!pointed.symbol.empty() || guards_.settled(address)))
        return number(pointed.address);
    if (pointed.kind == Pointed::Kind::import) {
        const CpuObject object = cpu_object(pointed.symbol);
        if (object == CpuObject::none) return {};
        return {~std::uint64_t{0}, std::uint64_t{static_cast<std::uint8_t>(object)} << 32U, 0, Base::object};
    }
    if (pointed.kind != Pointed::Kind::unknown || guards_.written_to(address)) return {};
    const auto bytes = guards_.map().image.loaded(address, size);
    if (!bytes) return {};
    std::uint64_t out = 0;
    for (unsigned i = 0; i < size; ++i) out |= std::uint64_t{(*bytes)[i]} << (i * 8);
    return number(out);
}

Value Walk::load_object(std::uint64_t object, std::int64_t offset, unsigned size) {
    const auto kind = static_cast<CpuObject>(object & 0xff);
    const auto leaf = static_cast<std::uint32_t>(object >> 8U);
    const std::int64_t word = offset & ~std::int64_t{3};
    const Value low = object_word(values_, kind, leaf, word, guards_.glibc);
    const auto skip = static_cast<unsigned>(offset - word);
    if (skip + size <= 4) return values_.low(values_.right(low, skip * 8, 64, false), size);
    const Value high = object_word(values_, kind, leaf, word + 4, guards_.glibc);
    const Value both = values_.insert(low, high, 4, 4);
    return values_.low(values_.right(both, skip * 8, 64, false), size);
}

// Not only that it is something of the CPU: the vendor's name, say, decides nothing that a feature does.
bool Walk::names_feature(const Value& value) {
    if (value.formulas == 0) return false;
    for (unsigned i = 0; i < 64; ++i)
        if (values_.formulas().features(values_.bit(value, i).one)) return true;
    return false;
}

void Walk::stored(const Place& place, const Value& value, unsigned size, const State& state) {
    if (!remember_) return;
    if (place.kind == Place::Kind::unknown) {
        const bool names = names_feature(value);
        if (recording_ != nullptr && recording_->out != nullptr && names) recording_->out->hands_out = true;
        // A flag that is set where a feature was seen is an answer as well.
        constexpr std::uint64_t kFlag = 0xffff;
        const bool flag = value.constant() && value.bits <= kFlag && values_.formulas().features(state.reach);
        if (!names && !flag) return;
        // A function that others of the file call is walked from there, where the object may be a known one.
        if (guards_.map().callers[above_.front()].empty()) guards_.lost = true;
        guards_.writes_behind.insert(above_.begin(), above_.end());
        return;
    }
    if (place.kind != Place::Kind::file && place.kind != Place::Kind::some_of_file) return;
    const auto address = static_cast<std::uint64_t>(place.address);
    const Formula when = values_.formulas().forget_branches(state.reach);
    const bool answer = value.formulas != 0 || when != kTrue;
    if (!answer && !guards_.memory.holds(address, size)) return;
    if (!guards_.written_to(address)) return;
    const Value plain = values_.forget_branches(value);
    for (unsigned i = 0; i < size; ++i) {
        const Value byte = values_.low(values_.right(plain, i * 8, 64, false), 1);
        if (guards_.memory.add(values_, address + i, byte, when, guards_.initial_byte(address + i)))
            guards_.changed.push_back(address + i);
    }
}

// ---- what leads out -----------------------------------------------------------------------------------------------

void Walk::note_lead(EdgeKind kind, const Target& target, Formula when) {
    if (recording_ == nullptr || recording_->out == nullptr || when == kFalse) return;
    if (target.kind != Target::Kind::range && target.kind != Target::Kind::resolver) return;
    recording_->out->leads.push_back({kind, recording_->block, target, when, at_, 0, kNoContext});
}

void Walk::escaped(const Value& value, const State& state) {
    if (recording_ == nullptr || recording_->out == nullptr) return;
    // One of two addresses, by a condition that is not the CPU's, has most bits known.
    constexpr int kKnownBits = 40;
    if (value.base != Base::number || (value.formulas == 0 && std::popcount(value.known) < kKnownBits)) return;
    if (value.constant()) {
        if (!std::binary_search(recording_->addresses.begin(), recording_->addresses.end(), value.bits)) return;
        note_lead(EdgeKind::address_taken, guards_.map().code_target(value.bits), state.reach);
        return;
    }
    // Where it may be anything at all (read from a table, say), that it is one of these proves nothing.
    Formula any = kTrue;
    for (unsigned i = 0; i < 64 && any != kFalse; ++i)
        any = values_.formulas().both(any,
                                      values_.formulas().both(values_.bit(value, i).one, values_.bit(value, i).zero));
    for (const std::uint64_t address : recording_->addresses) {
        Formula when = values_.formulas().both(state.reach, values_.equals(value, address, 8));
        if (any != kFalse) when = values_.formulas().both(when, values_.formulas().variable(kSomething));
        if (when == kFalse) continue;
        note_decision({when, kFalse}, at_);
        note_lead(EdgeKind::address_taken, guards_.map().code_target(address), when);
    }
}

void Walk::note_decision(Bit bit, std::uint64_t at) {
    if (recording_ == nullptr || recording_->out == nullptr) return;
    for (const Formula f : {bit.one, bit.zero})
        for (const Variable v : values_.formulas().support(f)) recording_->out->decided_at.emplace(v, at);
}

Target Walk::target_of(const State& state, const FlowInsn& insn) {
    const CodeMap& map = guards_.map();
    if (insn.target != 0) return graph_.target_of(map, insn);
    const x86::Operand& o = insn.operation.operands[0];
    if (o.kind != x86::Operand::Kind::general) return {};
    const Value& v = state.registers[o.number & 15U];
    return v.constant() ? map.code_target(v.bits) : Target{};
}

Value Walk::result_of_import(const State& state, std::string_view symbol) {
    Bits all;
    all.fill(values_.something());
    switch (cpu_query(symbol)) {
        case CpuQuery::none:
            // strcmp of the vendor's name, say.
            if (argument_from_cpu(state)) break;
            return {};
        case CpuQuery::glibc_leaf: {
            const Value leaf = values_.low(state.registers[kRdi], 4);
            if (!leaf.constant()) break;
            const std::uint64_t object =
                static_cast<std::uint8_t>(CpuObject::glibc_leaf) | ((leaf.bits & 0xffff) << 8U);
            return {~std::uint64_t{0}, object << 32U, 0, Base::object};
        }
        case CpuQuery::glibc_features:
        case CpuQuery::something: break;
    }
    return values_.make(all);
}

}  // namespace lf::audit
