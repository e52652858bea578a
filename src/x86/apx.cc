// SPDX-License-Identifier: MIT
// APX gives old encodings more registers and more forms. So, but for map 4, its bits are taken out, what is left is
// asked of those who know the old encoding, and the answer gets APX as a further need.
#include <algorithm>
#include <array>

#include "x86/encoding.h"
#include "x86/isa_ids.h"
#include "x86/newer.h"
#include "x86/shape_tables.h"

namespace lf::x86 {
namespace {

constexpr Insn kUnknown{.isa = kUnknownIsa};

using Bytes = std::array<std::uint8_t, kLongest + 1>;

// `answer` is of an encoding that is `shorter` bytes shorter than the real one.
Insn with_apx(Insn answer, std::size_t shorter) {
    if (answer.length == 0 || answer.length + shorter > kLongest) return kUnknown;
    answer.length = static_cast<std::uint8_t>(answer.length + shorter);
    answer.isa = id::with_apx(answer.isa);
    return answer;
}

// Where REX2 is #UD (355828, 3.1.1): other prefixes and escapes behind it, and rows of the opcode maps where a register
// more makes no sense.
bool takes_rex2(std::uint8_t payload, std::uint8_t opcode, std::uint8_t modrm) {
    const unsigned row = opcode >> 4;
    if (payload & 0x80) {
        if (opcode >= 0x20 && opcode <= 0x23 && (payload & 0x40) != 0) return false;    // CR16 and up
        if ((opcode == 0x1a || opcode == 0x1b) && (payload & 0x40) != 0) return false;  // BND16 and up
        const unsigned reg = modrm >> 3 & 7;
        const bool saves = modrm < 0xc0 && ((opcode == 0xae && reg >= 4 && reg <= 6) ||  // XSAVE, XRSTOR, XSAVEOPT
                                            (opcode == 0xc7 && reg >= 3 && reg <= 5));   // XRSTORS, XSAVEC, XSAVES
        return row != 3 && row != 8 && !saves;
    }
    constexpr std::array<std::uint8_t, 14> kNone = {0x0f, 0x26, 0x2e, 0x36, 0x3e, 0x62, 0x64,
                                                    0x65, 0x66, 0x67, 0xc4, 0xc5, 0xd5, 0xf0};
    if (opcode == 0xf2 || opcode == 0xf3) return false;
    return row != 4 && row != 7 && row != 0xa && row != 0xe &&
           std::find(kNone.begin(), kNone.end(), opcode) == kNone.end();
}

// D5 00 A1 and an address of 8 bytes; no other prefix. (Not relative: the only one of its kind.)
Insn recognise_jmpabs(std::span<const std::uint8_t> code) {
    constexpr std::size_t kLength = 11;
    if (code.size() < kLength || code[0] != 0xd5 || (code[1] & 0x88) != 0 || code[2] != 0xa1) return kUnknown;
    std::uint64_t target = 0;
    for (std::size_t i = 0; i < 8; ++i) target |= std::uint64_t{code[3 + i]} << (8 * i);
    return {.target = target, .isa = id::APX_F, .length = kLength, .flow = Flow::jump};
}

Insn recognise_rex2(std::span<const std::uint8_t> code, std::size_t at, std::uint64_t address) {
    if (at + 2 >= code.size()) return kUnknown;
    const std::uint8_t payload = code[at + 1], opcode = code[at + 2];
    const bool map1 = (payload & 0x80) != 0;
    if (!map1 && opcode == 0xa1) return recognise_jmpabs(code);
    if (!takes_rex2(payload, opcode, at + 3 < code.size() ? code[at + 3] : 0)) return kUnknown;
    Bytes old{};
    std::size_t size = 0;
    for (; size < at; ++size) old[size] = code[size];
    old[size++] = static_cast<std::uint8_t>(0x40 | (payload & 15));
    if (map1) old[size++] = 0x0f;
    const std::size_t shorter = at + 2 - size;
    for (std::size_t i = at + 2; i < code.size() && size < old.size(); ++i) old[size++] = code[i];
    return with_apx(without_apx(std::span(old).first(size), address + shorter), shorter);
}

enum What : std::uint16_t { Reg = 1, Mem = 2, Any = 3, NF = 4, ND = 8, Scc = 16, Two = 32, W0 = 64 };
enum Prefix : std::uint8_t { NP = 1, P66 = 2, F3 = 4, F2 = 8, By16 = 16 };
constexpr std::uint8_t Z = 0xff;

struct Map4 {
    std::uint8_t first, last, regs, prefixes;
    std::uint16_t what;
    std::uint8_t immediate;
    IsaId isa;
};

constexpr auto kMap4 = std::to_array<Map4>({
#define MAP4(first, last, regs, prefixes, what, immediate, set) {first, last, regs, prefixes, what, immediate, id::set},
#include "x86/apx_map4.def"
#undef MAP4
});

bool fits_flags(const Map4& row, const Vector& v) {
    if (v.zero || v.length != 0) return false;
    if (row.what & Scc) return !v.broadcast;
    if ((v.mask & 3) != 0) return false;  // aaa is NF, 0, 0
    if ((v.mask & 4) != 0 && !(row.what & NF)) return false;
    if (row.what & Two) return v.broadcast;
    return v.broadcast ? (row.what & ND) != 0 : v.vvvv == 0;
}

bool fits(const Map4& row, const Vector& v, unsigned opcode, unsigned modrm) {
    if (opcode < row.first || opcode > row.last || !(row.regs >> (modrm >> 3 & 7) & 1)) return false;
    if ((row.what & W0) && v.w) return false;
    if (modrm >= 0xc0 && v.x4) return false;
    const unsigned prefixes = row.prefixes == By16 ? ((opcode & 1) ? NP | P66 : NP) : row.prefixes;
    return (prefixes >> v.pp & 1) && (row.what & (modrm < 0xc0 ? Mem : Reg)) && fits_flags(row, v);
}

Insn recognise_map4(std::span<const std::uint8_t> code, const Vector& v, std::uint64_t address, bool address_size) {
    const unsigned opcode = code[v.opcode], modrm = code[v.opcode + 1];
    const auto* row =
        std::find_if(kMap4.begin(), kMap4.end(), [&](const Map4& r) { return fits(r, v, opcode, modrm); });
    const std::size_t operands = operand_bytes(code, v.opcode + 1);
    if (row == kMap4.end() || operands == 0) return kUnknown;
    const std::size_t z = v.pp == 1 && !v.w ? 2 : 4;
    const std::size_t length = v.opcode + 1 + operands + (row->immediate == Z ? z : row->immediate);
    if (length > std::min(code.size(), kLongest)) return kUnknown;
    return {.target = rip_target(code, v.opcode + 1, address, length, address_size),
            .isa = id::with_apx(row->isa),
            .length = static_cast<std::uint8_t>(length)};
}

struct Promoted {
    std::uint8_t map, first, last;
    bool no_flags;  ///< NF may be set, without a prefix
};

// What was VEX only before APX: KMOV, tiles' configuration and loads, CMPccXADD, BMI, immediate MSR numbers.
constexpr std::array<Promoted, 10> kPromoted = {{
    {1, 0x90, 0x93, false},
    {2, 0x49, 0x4b, false},
    {2, 0xe0, 0xef, false},
    {2, 0xf2, 0xf2, true},
    {2, 0xf3, 0xf3, true},
    {2, 0xf5, 0xf5, true},
    {2, 0xf6, 0xf6, false},
    {2, 0xf7, 0xf7, true},
    {3, 0xf0, 0xf0, false},
    {7, 0xf6, 0xf8, false},
}};

// What VEX cannot say: masks and tiles have no more than 8 names here either.
bool fits_promoted(const Vector& v, unsigned opcode, unsigned modrm) {
    const bool memory = modrm < 0xc0;
    if (!memory && v.x4) return false;
    if (v.map == 2 && opcode >= 0x49 && opcode <= 0x4b) return memory && v.r == 0;
    if (v.map != 1) return true;
    if (opcode != 0x93 && v.r != 0) return false;
    return memory || opcode == 0x92 || (v.b == 0 && !v.b4);
}

Insn recognise_promoted(std::span<const std::uint8_t> code, std::size_t at, const Vector& v, std::uint64_t address) {
    const std::uint8_t opcode = code[v.opcode];
    const auto* row = std::find_if(kPromoted.begin(), kPromoted.end(), [&](const Promoted& p) {
        return p.map == v.map && opcode >= p.first && opcode <= p.last;
    });
    if (row == kPromoted.end() || v.length != 0 || v.zero || v.broadcast || (v.mask & 3) != 0) return kUnknown;
    if (v.mask != 0 && (!row->no_flags || v.pp != 0)) return kUnknown;
    if (!fits_promoted(v, opcode, code[v.opcode + 1])) return kUnknown;
    Bytes old{};
    std::size_t size = 0;
    for (; size < at; ++size) old[size] = code[size];
    old[size++] = 0xc4;
    old[size++] = static_cast<std::uint8_t>((code[at + 1] & 0xe0) | v.map);
    old[size++] = static_cast<std::uint8_t>((code[at + 2] & 0xf8) | v.pp);  // L = 0
    for (std::size_t i = v.opcode; i < code.size() && size < old.size(); ++i) old[size++] = code[i];
    return with_apx(without_apx(std::span(old).first(size), address + 1), 1);
}

struct GeneralRegister {
    std::uint8_t map, first, last;
};

// Vector instructions whose ModRM.rm may be a general register.
constexpr std::array<GeneralRegister, 12> kGeneralRegister = {{
    {1, 0x2a, 0x2a},
    {1, 0x6e, 0x6e},
    {1, 0x7b, 0x7b},
    {1, 0x7e, 0x7e},
    {2, 0x7a, 0x7c},
    {3, 0x14, 0x17},
    {3, 0x20, 0x20},
    {3, 0x22, 0x22},
    {5, 0x2a, 0x2a},
    {5, 0x6e, 0x6e},
    {5, 0x7b, 0x7b},
    {5, 0x7e, 0x7e},
}};

// Vector instructions whose ModRM.reg may be a general register.
constexpr std::array<GeneralRegister, 5> kGeneralResult = {{
    {1, 0x2c, 0x2d},
    {1, 0x78, 0x79},
    {1, 0xc5, 0xc5},
    {5, 0x2c, 0x2d},
    {5, 0x78, 0x79},
}};

bool holds(std::span<const GeneralRegister> rows, unsigned map, unsigned opcode) {
    return std::any_of(rows.begin(), rows.end(), [&](const GeneralRegister& row) {
        return row.map == map && opcode >= row.first && opcode <= row.last;
    });
}

Insn recognise_more_registers(std::span<const std::uint8_t> code, std::size_t at, const Vector& v,
                              std::uint64_t address) {
    const std::uint8_t opcode = code[v.opcode];
    const bool result = (v.r & 2) != 0 && holds(kGeneralResult, v.map, opcode);
    if (!v.b4 && !v.x4 && !result) return kUnknown;
    const bool memory = code[v.opcode + 1] < 0xc0;
    const bool gathers = v.map == 2 && (kEvexTraits[2][opcode] & kVsib) != 0;  // their index is V':X:index
    if (gathers && v.x4) return kUnknown;
    if (!memory && (v.x4 || (v.b4 && !holds(kGeneralRegister, v.map, opcode)))) return kUnknown;
    Bytes old{};
    const std::size_t size = std::min(code.size(), old.size());
    std::copy_n(code.begin(), size, old.begin());
    old[at + 1] = static_cast<std::uint8_t>((old[at + 1] & ~8U) | (result ? 0x10U : 0U));
    old[at + 2] = static_cast<std::uint8_t>(old[at + 2] | 4U);
    return with_apx(without_apx(std::span(old).first(size), address), 0);
}

}  // namespace

Insn recognise_apx(std::span<const std::uint8_t> code, std::uint64_t address) {
    const Prefixes prefixes = scan_prefixes(code);
    const std::size_t at = prefixes.count;
    if (at >= std::min(code.size(), kLongest)) return kUnknown;
    if (code[at] == 0xd5) return recognise_rex2(code, at, address);
    Vector v;
    if (code[at] != 0x62 || !read_vector(code, at, v)) return kUnknown;
    if (prefixes.operand_size || prefixes.rep || prefixes.repne || prefixes.lock) return kUnknown;
    if (v.map == 4) return recognise_map4(code, v, address, prefixes.address_size);
    const Insn promoted = recognise_promoted(code, at, v, address);
    return promoted.length != 0 ? promoted : recognise_more_registers(code, at, v, address);
}

}  // namespace lf::x86
