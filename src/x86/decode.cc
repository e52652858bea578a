// SPDX-License-Identifier: MIT
#include "x86/decode.h"

#include <algorithm>
#include <array>
#include <memory>

#include "x86/encoding.h"
#include "x86/library.h"
#include "x86/newer.h"
#include "x86/shape.h"

namespace lf::x86 {
namespace {

constexpr Insn kUnknown{.isa = kUnknownIsa};

// What was learned of a shape.
struct Known {
    std::uint64_t key = 0;
    IsaId isa = kUnknownIsa;
    std::uint8_t immediate = 0;  // bytes
    Flow flow = Flow::next;
    bool asks_cpu = false;
};

// Real code has a few thousand shapes; hostile code has any number, so the memory for them is fixed (256 KiB a thread)
// and a shape that finds no place pushes another out.
constexpr std::size_t kWays = 4;
struct alignas(64) Set {
    std::array<Known, kWays> ways{};
};
struct Memory {
    std::array<Set, 4096> sets{};
};
constexpr unsigned kSetBits = 12;

Memory& memory() {
    static thread_local const std::unique_ptr<Memory> kept = std::make_unique<Memory>();
    return *kept;
}

bool is_direct(Flow flow) { return flow == Flow::call || flow == Flow::jump || flow == Flow::conditional; }

Insn finish(const Known& known, const Shape& shape, std::span<const std::uint8_t> code, std::uint64_t address) {
    const std::size_t length = std::size_t{shape.bytes} + known.immediate;
    if (known.isa == kUnknownIsa || length > code.size()) return kUnknown;
    Insn insn{
        .isa = known.isa, .length = static_cast<std::uint8_t>(length), .flow = known.flow, .asks_cpu = known.asks_cpu};
    if (is_direct(known.flow)) {
        std::uint64_t relative = 0;
        for (std::size_t i = known.immediate; i-- > 0;) relative = relative << 8 | code[shape.bytes + i];
        const unsigned unused = 64 - 8U * known.immediate;
        insn.target =
            address + length + static_cast<std::uint64_t>(static_cast<std::int64_t>(relative << unused) >> unused);
    } else if (shape.modrm != 0 && (code[shape.modrm] & 0xc7) == 5 && shape.bytes > shape.modrm + 1) {
        insn.target = rip_target(code, shape.modrm, address, length, shape.address_size);
    }
    return insn;
}

// Asks with zeros behind what there is, so that the answer does not depend on where `code` ends. What is wrong only
// because it is too long, or contradicts our own idea of its length, is not kept.
Insn learn(Known& place, const Shape& shape, std::span<const std::uint8_t> code, std::uint64_t address) {
    constexpr std::size_t kLongestImmediate = 8;
    std::array<std::uint8_t, kLongest> padded{};
    std::copy(code.begin(), code.end(), padded.begin());
    const Insn insn = decode_slowly(padded, address);
    const bool fits = insn.length == 0 ? shape.bytes + kLongestImmediate <= kLongest
                                       : insn.length >= shape.bytes && insn.length <= shape.bytes + kLongestImmediate;
    if (!fits || (is_direct(insn.flow) && insn.length == shape.bytes))
        return insn.length <= code.size() ? insn : kUnknown;
    place = {.key = shape.key,
             .isa = insn.isa,
             .immediate = static_cast<std::uint8_t>(insn.length == 0 ? 0 : insn.length - shape.bytes),
             .flow = insn.flow,
             .asks_cpu = insn.asks_cpu};
    return finish(place, shape, code, address);
}

}  // namespace

Insn decode_slowly(std::span<const std::uint8_t> code, std::uint64_t address) {
    code = code.first(std::min(code.size(), kLongest));
    const Insn known = ask_library(code, address);
    return known.length != 0 ? known : recognise_newer(code, address);
}

Insn decode(std::span<const std::uint8_t> code, std::uint64_t address) {
    code = code.first(std::min(code.size(), kLongest));
    const Shape shape = shape_of(code.data(), code.size());
    if (shape.kind == Shape::cut) return kUnknown;
    if (shape.kind == Shape::ask) return decode_slowly(code, address);
    const std::uint64_t hash = shape.key * 0x9e3779b97f4a7c15;
    auto& ways = memory().sets[hash >> (64 - kSetBits)].ways;
    for (const Known& known : ways) {
        if (known.key == shape.key) return finish(known, shape, code, address);
    }
    std::copy_backward(ways.begin(), ways.end() - 1, ways.end());  // the oldest goes
    return learn(ways[0], shape, code, address);
}

}  // namespace lf::x86
