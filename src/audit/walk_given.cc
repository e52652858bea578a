// SPDX-License-Identifier: MIT
// Calls that are not followed may write behind every pointer that they get: what lay there is known no more.
#include <algorithm>
#include <array>
#include <limits>

#include "audit/walk.h"

namespace lf::audit {
namespace {

constexpr std::int64_t kObject = 64;  // how far behind an address a function may write, where no symbol tells

// Functions of C and C++ libraries that read behind their pointers, or write there what is theirs alone.
constexpr std::array<std::string_view, 22> kHarmless = {
    "pthread_", "__cxa_",       "call_once", "mtx_",   "cnd_",   "atexit",       "puts",       "printf",
    "fprintf",  "__printf_chk", "fputs",     "fwrite", "strcmp", "strncmp",      "strcasecmp", "memcmp",
    "strlen",   "strchr",       "strstr",    "getenv", "free",   "__fprintf_chk"};

bool harmless(const Target& target) {
    return target.kind == Target::Kind::import &&
           std::any_of(kHarmless.begin(), kHarmless.end(), [&](std::string_view name) {
               return name.ends_with('_') ? target.symbol.starts_with(name) : target.symbol == name;
           });
}

std::int64_t size_of_object(const CodeMap& map, std::uint64_t address) {
    for (const auto* symbols : {&map.image.symbols, &map.image.dynamic_symbols})
        for (const elf::Symbol& s : *symbols)
            if (s.defined() && s.type == elf::SymbolType::object && address >= s.value && address - s.value < s.size)
                return static_cast<std::int64_t>(std::min<std::uint64_t>(s.value + s.size - address, 4096));
    return kObject;
}

}  // namespace

/// Stack addresses that the callee gets: in registers, and in what lies there.
std::vector<std::int64_t> Walk::stack_given(const State& state) const {
    std::vector<std::int64_t> out;
    const auto add = [&](const Value& v) {
        const auto at = static_cast<std::int64_t>(v.bits);
        if (v.base == Base::stack && v.known != 0 && std::find(out.begin(), out.end(), at) == out.end())
            out.push_back(at);
    };
    for (const std::uint8_t r : kArguments) add(state.registers[r]);
    for (std::size_t i = 0; i < out.size() && out.size() < 16; ++i)
        for (const Cell& c : state.cells)
            if (c.kind == Place::Kind::stack && c.index == 0 && c.address >= out[i] && c.address < out[i] + kObject)
                add(c.value);
    return out;
}

void Walk::forget_given(State& state, const Target& target) {
    if (harmless(target)) return;
    for (const std::int64_t at : stack_given(state)) overwritten({Place::Kind::stack, at}, 0, state);
    for (const std::uint8_t r : kArguments)
        if (const Value& v = state.registers[r]; v.constant()) expose(v.bits, 0);
}

/// `size` 0: of the object that lies there; asked for last, since all symbols are looked through.
void Walk::expose(std::uint64_t address, std::uint64_t size) {
    if (!remember_ || !guards_.written_to(address) || guards_.settled(address)) return;
    if (size == 0) size = static_cast<std::uint64_t>(size_of_object(guards_.map(), address));
    if (!guards_.expose(address, size)) return;
    guards_.changed.push_back(address);
    guards_.changed.push_back(address + size - 1);
}

/// `size` 0: how far is not known.
void Walk::overwritten(const Place& place, std::int64_t size, State& state) {
    const bool stack = place.kind == Place::Kind::stack || place.kind == Place::Kind::some_of_stack;
    if (stack) {
        const std::int64_t reach = size != 0 ? size : kObject;
        const bool anywhere = place.address == std::numeric_limits<std::int64_t>::min();
        for (Cell& c : state.cells)
            if (c.kind == Place::Kind::stack &&
                (anywhere || (c.address >= place.address && c.address - place.address < reach)))
                c.value = values_.blurred(c.value), c.index = 0;
        return;
    }
    if (place.kind != Place::Kind::file && place.kind != Place::Kind::some_of_file) return;
    const auto address = static_cast<std::uint64_t>(place.address);
    const auto behind = [&](const Cell& c) { return c.kind == Place::Kind::file && c.address >= place.address; };
    if (std::any_of(state.cells.begin(), state.cells.end(), behind)) {
        const std::int64_t reach = size != 0 ? size : size_of_object(guards_.map(), address);
        std::erase_if(state.cells, [&](const Cell& c) { return behind(c) && c.address - place.address < reach; });
    }
    expose(address, static_cast<std::uint64_t>(size));
}

bool Walk::points_to_answers(const State& state) const {
    return std::any_of(kArguments.begin(), kArguments.end(), [&](std::uint8_t r) {
        const Value& v = state.registers[r];
        return v.constant() && guards_.memory.holds(v.bits, kObject);
    });
}

}  // namespace lf::audit
