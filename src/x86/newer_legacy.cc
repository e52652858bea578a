// SPDX-License-Identifier: MIT
// Encodings newer than the decoder library without VEX or EVEX.
#include <algorithm>
#include <array>

#include "x86/encoding.h"
#include "x86/isa_ids.h"
#include "x86/newer.h"

namespace lf::x86 {
namespace {

enum Prefix : std::uint8_t { NP = 1, P66 = 2, F3 = 4, F2 = 8 };
enum What : std::uint8_t { Reg = 1, Mem = 2 };
constexpr std::int8_t kAny = -1;

struct Form {
    std::uint8_t map;  ///< 1: 0F, 2: 0F 38
    std::uint8_t opcode;
    std::uint8_t prefixes;
    std::uint8_t what;
    std::int8_t reg, rm;
    IsaId isa;
    Flow flow = Flow::next;
};

// Intel's ISA Extensions Reference (319433), FRED specification (346446); VIA's and Zhaoxin's PadLock and GMI as
// binutils 2.43 has them.
constexpr std::array<Form, 16> kForms = {{
    {1, 0x01, F3 | F2, Reg, 1, 2, id::FRED, Flow::ret},           // ERETU, ERETS
    {1, 0x00, F2, Reg | Mem, 6, kAny, id::LKGS},                  // LKGS
    {1, 0x01, NP, Reg, 0, 6, id::WRMSRNS},                        // WRMSRNS
    {1, 0x01, F3 | F2, Reg, 0, 6, id::MSRLIST},                   // WRMSRLIST, RDMSRLIST
    {1, 0x01, NP, Reg, 0, 7, id::PBNDKB},                         // PBNDKB
    {2, 0x8a, NP, Mem, kAny, kAny, id::MOVRS},                    // MOVRS r8
    {2, 0x8b, NP | P66, Mem, kAny, kAny, id::MOVRS},              // MOVRS
    {2, 0xfc, NP | P66 | F3 | F2, Mem, kAny, kAny, id::RAO_INT},  // AADD, AAND, AXOR, AOR
    {2, 0xf8, F3 | F2, Reg, kAny, kAny, id::USER_MSR},            // UWRMSR, URDMSR
    {1, 0xa6, F3, Reg, 3, 0, id::PADLOCK_PHE},                    // XSHA384
    {1, 0xa6, F3, Reg, 4, 0, id::PADLOCK_PHE},                    // XSHA512
    {1, 0xa6, F3, Reg, 5, 0, id::PADLOCK_PHE},                    // CCS_HASH
    {1, 0xa6, F3, Reg, 6, 0, id::PADLOCK_PMM},                    // MONTMUL2
    {1, 0xa6, F3, Reg, 7, 0, id::PADLOCK_PMM},                    // XMODEXP
    {1, 0xa7, F3, Reg, 6, 0, id::PADLOCK_ACE},                    // CCS_ENCRYPT
    {1, 0xa7, F3, Reg, 7, 0, id::PADLOCK_RNG},                    // XRNG2
}};

bool fits(const Form& form, unsigned map, unsigned opcode, unsigned prefix, unsigned modrm) {
    const auto is = [](std::int8_t wanted, unsigned value) {
        return wanted < 0 || static_cast<unsigned>(wanted) == value;
    };
    return form.map == map && form.opcode == opcode && (form.prefixes & prefix) != 0 &&
           (form.what & (modrm < 0xc0 ? Mem : Reg)) != 0 && is(form.reg, modrm >> 3 & 7) && is(form.rm, modrm & 7);
}

}  // namespace

Insn recognise_newer_legacy(std::span<const std::uint8_t> code, std::uint64_t address) {
    constexpr Insn kUnknown{.isa = kUnknownIsa};
    const Prefixes prefixes = scan_prefixes(code);
    if (prefixes.lock || (prefixes.rep && prefixes.repne)) return kUnknown;
    std::size_t at = prefixes.count;
    if (at < code.size() && (code[at] & 0xf0) == 0x40) ++at;  // REX
    if (at + 2 >= code.size()) return kUnknown;
    if (code[at++] != 0x0f) return kUnknown;
    const unsigned map = code[at] == 0x38 ? 2 : 1;
    if (map == 2) ++at;
    if (at + 1 >= code.size()) return kUnknown;
    const unsigned prefix = prefixes.rep ? F3 : prefixes.repne ? F2 : prefixes.operand_size ? P66 : NP;
    const auto* form = std::find_if(kForms.begin(), kForms.end(),
                                    [&](const Form& f) { return fits(f, map, code[at], prefix, code[at + 1]); });
    const std::size_t operands = operand_bytes(code, at + 1);
    if (form == kForms.end() || operands == 0 || at + 1 + operands > kLongest) return kUnknown;
    const std::size_t length = at + 1 + operands;
    return {.target = rip_target(code, at + 1, address, length, prefixes.address_size),
            .isa = form->isa,
            .length = static_cast<std::uint8_t>(length),
            .flow = form->flow};
}

}  // namespace lf::x86
