// SPDX-License-Identifier: MIT
// Stores of more than a register: string instructions, and wide ones whose value is not followed.
#include <algorithm>

#include "audit/stepper.h"

namespace lf::audit {
namespace {

constexpr std::uint64_t kFollowed = 4096;  // bytes of one REP; beyond, what is written counts as anything

bool uses(std::uint16_t registers, Register r) { return ((registers >> r) & 1U) != 0; }

}  // namespace

// Copied or filled as it is written where all is known: compilers copy structs that way. The direction flag is clear,
// as the ABI has it at every function.
void Stepper::string() {
    const bool repeated = uses(operation.writes, kRcx), copies = uses(operation.writes, kRsi);
    const Operand to = operand(0);
    const Value from = state.registers[kRsi], at = state.registers[kRdi];
    const Value times = repeated ? state.registers[kRcx] : number(1);
    const std::uint64_t each = to.size;
    const bool known = times.constant() && each != 0 && times.bits <= kFollowed / each && (!copies || from.known != 0);
    const Value filler = state.registers[kRax];
    const Place first = place_of(to);
    if (!known) {
        const bool bounded = times.constant() && times.bits < kFollowed;
        outside.overwritten(first, bounded ? static_cast<std::int64_t>(times.bits * each) : 0, state);
        // Perhaps a struct with answers, that goes where only callers know.
        const bool of_stack = copies && !from.constant() && first.kind == Place::Kind::unknown;
        for (const Cell& c : state.cells)
            if (of_stack && c.index == 0 && c.value.formulas != 0) outside.stored(first, c.value, 8, state);
    }
    for (std::uint64_t i = 0; known && i < times.bits; ++i) {
        state.registers[kRsi] = plus(values, from, number(i * each));
        state.registers[kRdi] = plus(values, at, number(i * each));
        const Operand source{.kind = Kind::memory, .size = to.size, .base = kRsi};
        write(to, copies ? read(source) : values.low(filler, static_cast<unsigned>(each)));
    }
    const std::uint64_t all = known ? times.bits * each : 0;
    state.registers[kRdi] = known ? plus(values, at, number(all)) : Value{};
    if (copies) state.registers[kRsi] = known ? plus(values, from, number(all)) : Value{};
    else state.registers[kRsi] = from;
    if (repeated) state.registers[kRcx] = number(0);
}

void Stepper::unknown_store(const Value& made) {
    const Operand& to = operand(0);
    if (operation.count == 0 || to.kind != Kind::memory) return;
    const unsigned size = x86::covered_bytes(operation);
    for (unsigned i = 0; i < size; i += 8) {
        Operand part = to;
        part.value += i;
        part.size = static_cast<std::uint8_t>(std::min(size - i, 8U));
        write(part, made);
    }
}

}  // namespace lf::audit
