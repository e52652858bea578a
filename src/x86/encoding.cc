// SPDX-License-Identifier: MIT
#include "x86/encoding.h"

#include <algorithm>

namespace lf::x86 {

Prefixes scan_prefixes(std::span<const std::uint8_t> code) {
    Prefixes prefixes;
    for (; prefixes.count < std::min(code.size(), kLongest); ++prefixes.count) {
        switch (code[prefixes.count]) {
            case 0x26:
            case 0x2e:
            case 0x36:
            case 0x3e:
            case 0x64:
            case 0x65: break;
            case 0x66: prefixes.operand_size = true; break;
            case 0x67: prefixes.address_size = true; break;
            case 0xf0: prefixes.lock = true; break;
            case 0xf2: prefixes.repne = true; break;
            case 0xf3: prefixes.rep = true; break;
            default: return prefixes;
        }
    }
    return prefixes;
}

namespace {

unsigned bit(unsigned byte, unsigned index) { return (byte >> index) & 1; }

void read_w_v_pp(unsigned byte, Vector& out) {
    out.w = bit(byte, 7) != 0;
    out.vvvv = static_cast<std::uint8_t>((~byte >> 3) & 15);
    out.pp = byte & 3;
}

// SDM vol. 2, 2.7.1 and 2.7.2; B4 and X4: Intel APX specification (355828), 3.1.2.
void read_evex(std::span<const std::uint8_t> p, Vector& out) {
    out.evex = true;
    out.map = p[1] & 7;
    out.b4 = bit(p[1], 3) != 0;
    out.r = static_cast<std::uint8_t>(bit(~p[1], 7) | bit(~p[1], 4) << 1);
    out.x = static_cast<std::uint8_t>(bit(~p[1], 6));
    out.b = static_cast<std::uint8_t>(bit(~p[1], 5));
    read_w_v_pp(p[2], out);
    out.x4 = bit(p[2], 2) == 0;
    out.vvvv = static_cast<std::uint8_t>(out.vvvv | bit(~p[3], 3) << 4);
    out.mask = p[3] & 7;
    out.broadcast = bit(p[3], 4) != 0;
    out.length = (p[3] >> 5) & 3;
    out.zero = bit(p[3], 7) != 0;
}

}  // namespace

bool read_vector(std::span<const std::uint8_t> code, std::size_t at, Vector& out) {
    const std::size_t payload = code[at] == 0x62 ? 3 : code[at] == 0xc4 ? 2 : 1;
    out = Vector{};
    out.opcode = at + 1 + payload;
    if (out.opcode + 1 >= code.size()) return false;
    const auto p = code.subspan(at);
    if (payload == 3) {
        read_evex(p, out);
        return true;
    }
    out.r = static_cast<std::uint8_t>(bit(~p[1], 7));
    if (payload == 1) {
        read_w_v_pp(p[1] & 0x7f, out);
        out.map = 1;
    } else {
        out.x = static_cast<std::uint8_t>(bit(~p[1], 6));
        out.b = static_cast<std::uint8_t>(bit(~p[1], 5));
        out.map = p[1] & 31;
        read_w_v_pp(p[2], out);
    }
    out.length = static_cast<std::uint8_t>(bit(p[payload], 2));
    return true;
}

std::uint64_t rip_target(std::span<const std::uint8_t> code, std::size_t at, std::uint64_t address, std::size_t length,
                         bool address_size) {
    if ((code[at] & 0xc7) != 5) return 0;
    const std::uint32_t low = code[at + 1] | std::uint32_t{code[at + 2]} << 8 | std::uint32_t{code[at + 3]} << 16 |
                              std::uint32_t{code[at + 4]} << 24;
    const auto displacement = static_cast<std::int64_t>(static_cast<std::int32_t>(low));
    const std::uint64_t target = address + length + static_cast<std::uint64_t>(displacement);
    return address_size ? target & 0xffffffff : target;
}

}  // namespace lf::x86
