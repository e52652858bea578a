// SPDX-License-Identifier: MIT
// Called for every instruction of every file: plain loads and shifts, no library. Keys are laid out by hand; only that
// two shapes never share one matters.
#include "x86/shape.h"

#include "x86/shape_tables.h"

namespace lf::x86 {
namespace {

using Byte = std::uint8_t;

enum Lead : Byte {
    kOpcode,
    kOperandSize,
    kAddressSize,
    kSegment,
    kLock,
    kRepne,
    kRep,
    kRex,
    kEscape,
    kVex,
    kXop,
    kEvex,
    kOdd
};

constexpr std::array<Byte, 256> leads() {
    std::array<Byte, 256> t{};
    for (const unsigned segment : {0x26U, 0x2eU, 0x36U, 0x3eU, 0x64U, 0x65U}) t[segment] = kSegment;
    for (unsigned rex = 0x40; rex < 0x50; ++rex) t[rex] = kRex;
    t[0x66] = kOperandSize;
    t[0x67] = kAddressSize;
    t[0xf0] = kLock;
    t[0xf2] = kRepne;
    t[0xf3] = kRep;
    t[0x0f] = kEscape;
    t[0xc4] = t[0xc5] = kVex;
    t[0x62] = kEvex;
    t[0x8f] = kXop;
    t[0xd5] = kOdd;  // REX2
    return t;
}

// ModRM, SIB and displacement, but for the displacement that SIB.base = 5 brings.
constexpr std::array<Byte, 256> operand_sizes() {
    std::array<Byte, 256> t{};
    for (unsigned modrm = 0; modrm < 256; ++modrm) {
        const unsigned mod = modrm >> 6, rm = modrm & 7;
        const unsigned displacement = mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 5) ? 4 : 0;
        t[modrm] = static_cast<Byte>(mod == 3 ? 1 : 1 + displacement + (rm == 4 ? 1 : 0));
    }
    return t;
}

constexpr auto kLeads = leads();
constexpr auto kOperandSizes = operand_sizes();

enum Flag : unsigned { k66 = 1, k67 = 2, kF0 = 4, kF2 = 8, kF3 = 16, kHasRex = 32 };
enum Space : std::uint64_t { kMap0, kMap1, kMap2, kMap3, k3dnow, kVexSpace, kEvexSpace, kXopSpace };

// The lowest 24 bits of every key: used, space, traits of prefixes, opcode.
std::uint64_t key_base(Space space, std::uint64_t prefixes, std::uint64_t opcode) {
    return 1 | space << 1 | prefixes << 4 | opcode << 16;
}

// Where only the register field and the kind of operand matter: which of 16.
std::uint64_t narrow(unsigned modrm) { return (modrm >> 3 & 7) | (modrm >= 0xc0 ? 8U : 0U); }

struct Reader {
    const Byte* code;
    std::size_t size;
    Shape shape{};

    bool has(std::size_t at) const { return at < size; }
    Shape cut() {
        shape.kind = Shape::cut;
        return shape;
    }
    Shape odd() {
        shape.kind = Shape::ask;
        return shape;
    }

    // Sets modrm and bytes. false: cut.
    bool take_operand(std::size_t at, bool mod_ignored) {
        if (!has(at)) return false;
        const Byte modrm = code[at];
        std::size_t bytes = mod_ignored ? 1 : kOperandSizes[modrm];
        if ((modrm & 0xc7) == 4 && !mod_ignored) {
            if (!has(at + 1)) return false;
            if ((code[at + 1] & 7) == 5) bytes += 4;
        }
        shape.modrm = static_cast<Byte>(at);
        shape.bytes = static_cast<Byte>(at + bytes);
        return shape.bytes <= size;
    }

    Shape done(std::uint64_t key) {
        shape.kind = Shape::known;
        shape.key = key;
        return shape;
    }
    Shape legacy(std::size_t at, Space space, unsigned flags, unsigned rex);
    Shape escape(std::size_t at, unsigned flags, unsigned rex);
    Shape vex(std::size_t at, unsigned flags, Space space);
    Shape evex(std::size_t at, unsigned flags);
};

// `rex`: 0 or the byte.
Shape Reader::legacy(std::size_t at, Space space, unsigned flags, unsigned rex) {
    const unsigned opcode = code[at];
    const unsigned traits = kLegacyTraits[space][opcode];
    const unsigned width = rex >> 3 & 1;
    if (traits & kNoModrm) {
        shape.bytes = static_cast<Byte>(at + 1);
        const unsigned rex_bits = traits & kWhole ? rex & 15 : width << 3;
        return done(key_base(space, flags, opcode) | std::uint64_t{rex_bits} << 24);
    }
    if (!take_operand(at + 1, (traits & kModIgnored) != 0)) return cut();
    const unsigned modrm = code[at + 1];
    if (traits & kWhole)
        return done(key_base(space, flags, opcode) | std::uint64_t{rex & 15} << 24 | std::uint64_t{modrm} << 32);
    return done(key_base(space, flags, opcode) | std::uint64_t{width} << 27 | narrow(modrm) << 32);
}

Shape Reader::escape(std::size_t at, unsigned flags, unsigned rex) {
    if (!has(at)) return cut();
    switch (code[at]) {
        case 0x38: return has(at + 1) ? legacy(at + 1, kMap2, flags, rex) : cut();
        case 0x3a: return has(at + 1) ? legacy(at + 1, kMap3, flags, rex) : cut();
        case 0x0f: break;
        case 0x1a:
        case 0x1b: return flags & k67 ? odd() : legacy(at, kMap1, flags, rex);  // MPX has addresses of 64 bits always
        default: return legacy(at, kMap1, flags, rex);
    }
    // 3DNow!: the opcode comes last.
    if (!take_operand(at + 1, false) || !has(shape.bytes)) return cut();
    const unsigned opcode = code[shape.bytes++];
    return done(key_base(k3dnow, flags, opcode) | std::uint64_t{rex & 15} << 24 | narrow(code[at + 1]) << 32);
}

// `at`: of C5, C4 or 8F.
Shape Reader::vex(std::size_t at, unsigned flags, Space space) {
    const bool is_short = code[at] == 0xc5;
    const std::size_t opcode_at = at + (is_short ? 2 : 3);
    if (!has(opcode_at)) return cut();
    const unsigned first = is_short ? (code[at + 1] & 0x80U) | 0x61 : code[at + 1];  // RXB and map
    const unsigned second = is_short ? code[at + 1] & 0x7fU : code[at + 2];          // W, vvvv, L, pp
    const unsigned map = first & 31, opcode = code[opcode_at];
    const unsigned traits = space == kXopSpace ? 0 : map < kVexTraits.size() ? kVexTraits[map][opcode] : Byte{kWhole};
    if (traits & kVsib) return odd();
    const std::uint64_t key = key_base(space, flags, opcode) | std::uint64_t{map} << 24;
    if (traits & kNoModrm) {
        shape.bytes = static_cast<Byte>(opcode_at + 1);
        return done(key | std::uint64_t{second} << 32 | std::uint64_t{first >> 5} << 40);
    }
    if (!take_operand(opcode_at + 1, false)) return cut();
    const unsigned modrm = code[opcode_at + 1];
    if (traits & kWhole)
        return done(key | std::uint64_t{second} << 32 | std::uint64_t{first >> 5} << 40 | std::uint64_t{modrm} << 48);
    const unsigned no_v = (second & 0x78) == 0x78 ? 0x78 : 0;
    return done(key | std::uint64_t{(second & 0x87) | no_v} << 32 | narrow(modrm) << 48);
}

// `at`: of the 62.
Shape Reader::evex(std::size_t at, unsigned flags) {
    if (!has(at + 4)) return cut();
    const unsigned p0 = code[at + 1], p1 = code[at + 2], p2 = code[at + 3], opcode = code[at + 4];
    if ((p0 & 8) != 0 || (p1 & 4) == 0) return odd();  // APX's registers
    const unsigned traits = kEvexTraits[p0 & 7][opcode];
    if (traits & kVsib) return odd();
    if (!take_operand(at + 5, false)) return cut();
    const unsigned modrm = code[at + 5];
    const std::uint64_t key = key_base(kEvexSpace, flags, opcode);
    if (traits & kWhole) {
        return done(key | std::uint64_t{p0} << 24 | std::uint64_t{p1} << 32 | std::uint64_t{p2} << 40 |
                    std::uint64_t{modrm} << 48);
    }
    // map; W, pp; z, L'L, b; does it name a register in vvvv, a mask?
    const unsigned registers = traits & kRegisters ? p0 & 0xf0 : 0;
    const unsigned no_v = (p1 & 0x78) == 0x78 && (p2 & 8) != 0 ? 0x78 : 0;
    const unsigned mask = (p2 & 7) != 0 ? 1 : 0;
    return done(key | std::uint64_t{(p0 & 7) | registers} << 24 | std::uint64_t{(p1 & 0x83) | no_v} << 32 |
                std::uint64_t{(p2 & 0xf0) | mask} << 40 | narrow(modrm) << 48);
}

}  // namespace

Shape shape_of(const std::uint8_t* code, std::size_t size) {
    Reader reader{code, size};
    unsigned flags = 0;
    for (std::size_t at = 0; at < size; ++at) {
        const Byte lead = kLeads[code[at]];
        switch (lead) {
            case kOpcode: return reader.legacy(at, kMap0, flags, 0);
            case kSegment: continue;
            case kOperandSize: flags |= k66; continue;
            case kAddressSize:
                flags |= k67;
                reader.shape.address_size = true;
                continue;
            case kLock: flags |= kF0; continue;
            case kRepne:
                if (flags & kF3) return reader.odd();
                flags |= kF2;
                continue;
            case kRep:
                if (flags & kF2) return reader.odd();
                flags |= kF3;
                continue;
            default: break;
        }
        if (lead == kEscape) return reader.escape(at + 1, flags, 0);
        if (lead == kRex) {
            if (++at >= size) return reader.cut();
            const Byte next = kLeads[code[at]];
            if (next == kOpcode) return reader.legacy(at, kMap0, flags | kHasRex, code[at - 1]);
            if (next == kEscape) return reader.escape(at + 1, flags | kHasRex, code[at - 1]);
            return reader.odd();
        }
        if (lead == kXop) {
            if (at + 1 >= size) return reader.cut();
            if ((code[at + 1] & 31) < 8) return reader.legacy(at, kMap0, flags, 0);  // POP
        }
        if (lead == kOdd || (flags & ~unsigned{k67}) != 0) return reader.odd();
        return lead == kEvex ? reader.evex(at, flags) : reader.vex(at, flags, lead == kXop ? kXopSpace : kVexSpace);
    }
    return reader.cut();
}

}  // namespace lf::x86
