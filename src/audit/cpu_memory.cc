// SPDX-License-Identifier: MIT
// Memory of a State: bytes that were written, by place; joining states.
#include <algorithm>
#include <optional>
#include <tuple>

#include "audit/cpu_state.h"

namespace lf::audit {
namespace {

// More bytes than this are not remembered; what is forgotten counts as anything.
constexpr std::size_t kCells = 4096;

bool before(const Cell& cell, const std::pair<Place::Kind, std::int64_t>& at) {
    return std::tie(cell.kind, cell.address) < std::tie(at.first, at.second);
}

auto find(const std::vector<Cell>& cells, Place::Kind kind, std::int64_t address) {
    return std::lower_bound(cells.begin(), cells.end(), std::pair{kind, address}, before);
}

Value byte_of(Values& values, const Cell& cell) {
    return values.low(values.right(cell.value, cell.index * 8U, 64, false), 1);
}

Value load_outside(const Place& place, unsigned size, Outside& outside) {
    switch (place.kind) {
        case Place::Kind::file: return outside.load_file(static_cast<std::uint64_t>(place.address), size);
        case Place::Kind::object:
            return outside.load_object(static_cast<std::uint64_t>(place.address) >> 32U,
                                       static_cast<std::int32_t>(place.address & 0xffffffff), size);
        default: return {};
    }
}

Value load_cells(Values& values, const State& state, const Place& place, unsigned size, Outside& outside) {
    const auto first = find(state.cells, place.kind, place.address);
    const auto end = state.cells.end();
    unsigned same = 0;
    for (auto at = first; at != end && same < size; ++at, ++same)
        if (at->kind != place.kind || at->address != place.address + same || at->value != first->value ||
            at->index != first->index + same)
            break;
    if (same == size && first->index == 0) return size == 8 ? first->value : values.low(first->value, size);
    if (same == size) return values.low(values.right(first->value, first->index * 8U, 64, false), size);
    Value out = number(0);
    bool any = false;
    for (auto at = first; at != end && at->kind == place.kind && at->address < place.address + size; ++at) {
        if (!any) out = values.low(load_outside(place, size, outside), size);
        any = true;
        out = values.insert(out, byte_of(values, *at), static_cast<unsigned>(at->address - place.address), 1);
    }
    return any ? out : values.low(load_outside(place, size, outside), size);
}

Value load_somewhere(Values& values, const State& state, const Place& place, Outside& outside) {
    const bool answers = place.kind == Place::Kind::some_of_stack
                             ? holds_answers(state)
                             : outside.cpu_near(static_cast<std::uint64_t>(place.address));
    if (!answers) return {};
    Bits out;
    out.fill(values.something());
    return values.make(out);
}

}  // namespace

bool holds_answers(const State& state) {
    return std::any_of(state.cells.begin(), state.cells.end(), [](const Cell& c) { return c.value.formulas != 0; });
}

Value load(Values& values, const State& state, const Place& place, unsigned size, Outside& outside) {
    switch (place.kind) {
        case Place::Kind::stack:
        case Place::Kind::file: return load_cells(values, state, place, size, outside);
        case Place::Kind::object:
        case Place::Kind::unknown: return values.low(load_outside(place, size, outside), size);
        case Place::Kind::some_of_stack:
        case Place::Kind::some_of_file: return values.low(load_somewhere(values, state, place, outside), size);
        case Place::Kind::other: return {};
    }
    return {};
}

void store(State& state, const Place& place, const Value& value, unsigned size) {
    if (place.kind != Place::Kind::stack && place.kind != Place::Kind::file) return;
    auto at = state.cells.begin() + (find(state.cells, place.kind, place.address) - state.cells.begin());
    for (unsigned i = 0; i < size; ++i, ++at) {
        const std::int64_t address = place.address + i;
        if (at == state.cells.end() || at->kind != place.kind || at->address != address) {
            if (state.cells.size() >= kCells) return;
            at = state.cells.insert(at, Cell{place.kind, address, {}, 0});
        }
        at->value = value;
        at->index = static_cast<std::uint8_t>(i);
    }
}

State entry_state() {
    State out;
    out.reach = kTrue;
    out.registers[kRsp] = {~std::uint64_t{0}, 0, 0, Base::stack};
    return out;
}

void after_call(State& state, const Value& returned, std::uint16_t clobbered) {
    for (const std::uint8_t r : kClobberedByCalls)
        if (((clobbered >> r) & 1U) != 0) state.registers[r] = {};
    state.registers[kRax] = returned;
    state.vectors = {};
    state.carry = state.zero = state.sign = state.overflow = kAnyBit;
    std::erase_if(state.cells, [](const Cell& c) { return c.kind == Place::Kind::file; });
}

namespace {

// A byte that only one way wrote: on the stack the other way left it unwritten, so that nobody reads it there; one of
// the file may have been written by others.
std::vector<Cell> joined_cells(Values& values, const State& a, const State& b, Formula when, bool blur) {
    std::vector<Cell> out;
    out.reserve(std::max(a.cells.size(), b.cells.size()));
    auto x = a.cells.begin();
    auto y = b.cells.begin();
    const auto key = [](const Cell& c) { return std::tie(c.kind, c.address); };
    // Eight bytes of one value are joined once.
    Value last_x, last_y, last;
    bool known = false;
    while (x != a.cells.end() || y != b.cells.end()) {
        const bool only_x = y == b.cells.end() || (x != a.cells.end() && key(*x) < key(*y));
        const bool only_y = !only_x && (x == a.cells.end() || key(*y) < key(*x));
        if (only_x || only_y) {
            const Cell& one = only_x ? *x++ : *y++;
            if (one.kind == Place::Kind::stack) out.push_back(one);
            continue;
        }
        if (*x == *y) {
            out.push_back(*x);
        } else if (x->index == y->index) {
            if (!known || last_x != x->value || last_y != y->value) {
                last = values.joined(x->value, a.reach, y->value, when, blur);
                last_x = x->value, last_y = y->value, known = true;
            }
            out.push_back({x->kind, x->address, last, x->index});
        } else {
            const Value joined = values.joined(byte_of(values, *x), a.reach, byte_of(values, *y), when, blur);
            out.push_back({x->kind, x->address, joined, 0});
        }
        ++x, ++y;
    }
    return out;
}

}  // namespace

namespace {

// Which of two ways one comes: so many branches that we do not understand, and no feature.
bool only_branches_decide(Formulas& formulas, Formula a, Formula b) {
    constexpr std::size_t kTold = 8;
    if (a <= kTrue || b <= kTrue) return false;
    if (formulas.branches(a) <= kTold && formulas.branches(b) <= kTold) return false;
    return formulas.possibly(a) == formulas.possibly(b);
}

void forget(State& state, Live live) {
    for (std::size_t i = 0; i < state.registers.size(); ++i)
        if (i != kRsp && i != kRbp && ((live.registers >> i) & 1U) == 0) state.registers[i] = {};
    if (!live.flags) state.carry = state.zero = state.sign = state.overflow = kAnyBit;
}

}  // namespace

bool join(Values& values, State& into, const State& from, Formula when, Live live) {
    if (when == kFalse) return false;
    if (into.reach == kFalse) {
        into = from;
        into.reach = when;
        forget(into, live);
        return true;
    }
    // In place; what is the same on both ways, nearly all of it mostly, is neither copied nor joined.
    bool news = false;
    std::optional<bool> asked;
    const auto blur = [&] {
        if (!asked) asked = only_branches_decide(values.formulas(), into.reach, when);
        return *asked;
    };
    const auto add = [&](Value& here, const Value& there) {
        if (here == there) return;
        const Value joined = values.joined(here, into.reach, there, when, blur());
        news = news || joined != here;
        here = joined;
    };
    const auto add_flag = [&](Bit& here, Bit there) {
        if (here == there) return;
        const Bit joined = values.joined(here, into.reach, there, when);
        news = news || joined != here;
        here = joined;
    };
    for (std::size_t i = 0; i < into.registers.size(); ++i)
        if (i == kRsp || i == kRbp || ((live.registers >> i) & 1U) != 0) add(into.registers[i], from.registers[i]);
    for (std::size_t i = 0; i < into.vectors.size(); ++i)
        for (std::size_t half = 0; half < 2; ++half) add(into.vectors[i][half], from.vectors[i][half]);
    if (live.flags) {
        add_flag(into.carry, from.carry);
        add_flag(into.zero, from.zero);
        add_flag(into.sign, from.sign);
        add_flag(into.overflow, from.overflow);
    }
    if (into.cells != from.cells) {
        std::vector<Cell> cells = joined_cells(values, into, from, when, blur());
        news = news || cells != into.cells;
        into.cells = std::move(cells);
    }
    const Formula reach = values.formulas().either(into.reach, when);
    news = news || reach != into.reach;
    into.reach = reach;
    return news;
}

}  // namespace lf::audit
