// SPDX-License-Identifier: MIT
#include "x86/newer.h"

#include <algorithm>
#include <array>

#include "x86/encoding.h"
#include "x86/isa_ids.h"
#include "x86/library.h"

namespace lf::x86 {
namespace {

enum Space : std::uint8_t { VEX, EVEX };
enum Prefix : std::uint8_t { NP, P66, F3, F2 };
enum Width : std::uint8_t { W0, W1, WIG };
enum Lengths : std::uint8_t { L128 = 1, L256 = 2, L512 = 4, LAny = 7, LIG = 8 };
enum What : std::uint16_t {
    Reg = 1,
    Mem = 2,
    Sib = 4,
    NoV = 8,
    Mask = 16,
    Zero = 32,
    Bcast = 64,
    Round = 128,
    Tile = 256,
    RegNarrow = 512,  // ModRM.reg is a mask or a tile: 8 of them
    RmNarrow = 1024,
    ZeroReg = 2048,
};

struct Form {
    Space space;
    std::uint8_t map, first, last;
    Prefix pp;
    Width w;
    std::uint8_t lengths;
    std::uint16_t what;
    std::int8_t reg;
    std::uint8_t immediate;
    IsaId isa;
    bool by_length;
};

constexpr auto kForms = std::to_array<Form>({
#define NEWER(space, map, first, last, pp, w, lengths, what, reg, immediate, set) \
    {space, map, first, last, pp, w, lengths, what, reg, immediate, id::set, false},
#define NEWER_BY_LENGTH(space, map, first, last, pp, w, lengths, what, reg, immediate, set) \
    {space, map, first, last, pp, w, lengths, what, reg, immediate, id::set, true},
#include "x86/newer.def"
#undef NEWER
#undef NEWER_BY_LENGTH
});

// Masks and tiles: only 8 of them. Of three tiles no two may be the same.
bool fits_registers(const Form& form, const Vector& v, unsigned modrm) {
    if ((form.what & (RegNarrow | Tile)) && v.r != 0) return false;
    if (modrm < 0xc0) return true;
    if ((form.what & (RmNarrow | Tile)) && (v.b != 0 || (v.evex && v.x != 0))) return false;
    if (!(form.what & Tile)) return true;
    const unsigned reg = (modrm >> 3) & 7, rm = modrm & 7;
    return v.vvvv < 8 && reg != rm && reg != v.vvvv && rm != v.vvvv;
}

bool fits_evex(const Form& form, const Vector& v, bool memory) {
    if (v.b4 || v.x4) return false;
    if (v.mask != 0 && !(form.what & Mask)) return false;
    const unsigned zero = memory ? Zero : Zero | ZeroReg;
    if (v.zero && (!(form.what & zero) || v.mask == 0)) return false;
    return !v.broadcast || (form.what & (memory ? Bcast : Round)) != 0;
}

// The vector's length, 0 to 2; 3: the form has no such length. With b and registers L'L is the rounding.
unsigned length_of(const Form& form, const Vector& v, bool memory) {
    const bool rounds = v.evex && v.broadcast && !memory;
    if (form.lengths & LIG) return v.length == 3 && !rounds ? 3 : 0;
    const unsigned length = rounds ? 2 : v.length;
    return length < 3 && (form.lengths >> length & 1) ? length : 3;
}

bool fits(const Form& form, const Vector& v, unsigned opcode, unsigned modrm) {
    if (form.space != (v.evex ? EVEX : VEX) || form.map != v.map || form.pp != v.pp) return false;
    if (opcode < form.first || opcode > form.last) return false;
    if (form.w != WIG && (form.w == W1) != v.w) return false;
    const bool memory = modrm < 0xc0;
    if (!(form.what & (memory ? Mem : Reg))) return false;
    if ((form.what & Sib) && (modrm & 7) != 4) return false;
    if ((form.what & NoV) && v.vvvv != 0) return false;
    if (form.reg >= 0 && static_cast<unsigned>(form.reg) != (modrm >> 3 & 7)) return false;
    if (!fits_registers(form, v, modrm)) return false;
    return length_of(form, v, memory) != 3 && (!v.evex || fits_evex(form, v, memory));
}

Insn recognise_vector(std::span<const std::uint8_t> code, std::uint64_t address) {
    constexpr Insn kUnknown{.isa = kUnknownIsa};
    const Prefixes prefixes = scan_prefixes(code);
    if (prefixes.operand_size || prefixes.rep || prefixes.repne || prefixes.lock) return kUnknown;
    const std::size_t at = prefixes.count;
    if (at >= code.size() || (code[at] != 0x62 && code[at] != 0xc4 && code[at] != 0xc5)) return kUnknown;
    Vector v;
    if (!read_vector(code, at, v)) return kUnknown;
    const unsigned opcode = code[v.opcode], modrm = code[v.opcode + 1];
    const auto* form =
        std::find_if(kForms.begin(), kForms.end(), [&](const Form& f) { return fits(f, v, opcode, modrm); });
    const std::size_t operands = operand_bytes(code, v.opcode + 1);
    if (form == kForms.end() || operands == 0) return kUnknown;
    const std::size_t length = v.opcode + 1 + operands + form->immediate;
    if (length > std::min(code.size(), kLongest)) return kUnknown;
    const unsigned step = form->by_length ? length_of(*form, v, modrm < 0xc0) : 0;
    return {.target = rip_target(code, v.opcode + 1, address, length, prefixes.address_size),
            .isa = static_cast<IsaId>(form->isa + step),
            .length = static_cast<std::uint8_t>(length)};
}

}  // namespace

Insn without_apx(std::span<const std::uint8_t> code, std::uint64_t address) {
    const Insn known = ask_library(code, address);
    if (known.length != 0) return known;
    const Insn vector = recognise_vector(code, address);
    return vector.length != 0 ? vector : recognise_newer_legacy(code, address);
}

Insn recognise_newer(std::span<const std::uint8_t> code, std::uint64_t address) {
    for (const auto recognise : {recognise_vector, recognise_newer_legacy, recognise_apx}) {
        const Insn insn = recognise(code, address);
        if (insn.length != 0) return insn;
    }
    return {.isa = kUnknownIsa};
}

}  // namespace lf::x86
