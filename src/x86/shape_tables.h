// SPDX-License-Identifier: MIT
/// \file
/// \brief For shape.cc: what each opcode of each map has, and of which bits its meaning depends.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

namespace lf::x86 {

enum Trait : std::uint8_t {
    kNoModrm = 1,
    kModIgnored = 2,  ///< ModRM.mod is taken for 3: MOV of control and debug registers
    kWhole = 4,       ///< depends on all of ModRM, REX or payload
    kRegisters = 8,   ///< on the bits that extend registers, as where one of them is a mask
    kVsib = 16,       ///< on the registers in SIB
};

using Traits = std::array<std::uint8_t, 256>;

struct OpcodeRange {
    unsigned first, last;
};

constexpr void add_trait(Traits& traits, std::uint8_t trait, std::initializer_list<OpcodeRange> ranges) {
    for (const OpcodeRange& range : ranges) {
        for (unsigned i = range.first; i <= range.last; ++i) traits[i] = static_cast<std::uint8_t>(traits[i] | trait);
    }
}

// SDM vol. 2, appendix A, tables.
constexpr Traits map0_traits() {
    Traits t{};
    for (unsigned row = 0; row < 0x40; row += 8) add_trait(t, kNoModrm, {{row + 4, row + 7}});
    add_trait(t, kNoModrm, {{0x40, 0x61}, {0x64, 0x68}, {0x6a, 0x6a}, {0x6c, 0x7f}, {0x90, 0xbf}, {0xc2, 0xc3}});
    add_trait(t, kNoModrm, {{0xc8, 0xcf}, {0xd4, 0xd7}, {0xe0, 0xf5}, {0xf8, 0xfd}});
    // NOP or XCHG, segment registers, POP, XABORT and XBEGIN, x87
    add_trait(t, kWhole, {{0x90, 0x90}, {0x8c, 0x8c}, {0x8e, 0x8f}, {0xc6, 0xc7}, {0xd8, 0xdf}});
    return t;
}

constexpr Traits map1_traits() {
    Traits t{};
    add_trait(t, kNoModrm, {{0x04, 0x0c}, {0x0e, 0x0e}, {0x30, 0x3f}, {0x77, 0x77}, {0x80, 0x8f}, {0xa0, 0xa2}});
    add_trait(t, kNoModrm, {{0xa8, 0xaa}, {0xc8, 0xcf}});
    add_trait(t, kModIgnored, {{0x20, 0x27}});
    // system, hints, control registers, EXTRQ, VIA's, FXSAVE and fences, CMPXCHG8B's group
    add_trait(t, kWhole, {{0x00, 0x01}, {0x0d, 0x0d}, {0x18, 0x27}, {0x78, 0x79}, {0xa6, 0xa7}, {0xae, 0xae}});
    add_trait(t, kWhole, {{0xb8, 0xba}, {0xc7, 0xc7}, {0xff, 0xff}});
    return t;
}

constexpr Traits map2_traits() {
    Traits t{};
    add_trait(t, kWhole, {{0x80, 0x8f}, {0xd8, 0xdf}, {0xf0, 0xff}});
    return t;
}

constexpr Traits map3_traits() {
    Traits t{};
    add_trait(t, kWhole, {{0xf0, 0xf0}});
    return t;
}

constexpr Traits vex1_traits() {
    Traits t{};
    add_trait(t, kNoModrm, {{0x77, 0x77}});
    add_trait(t, kWhole, {{0x41, 0x4b}, {0x90, 0x93}, {0x98, 0x99}, {0xae, 0xae}});  // masks, MXCSR
    return t;
}

constexpr Traits vex2_traits() {
    Traits t{};
    add_trait(t, kWhole, {{0x48, 0x4b}, {0x5c, 0x5f}, {0x6b, 0x6f}, {0xf2, 0xf7}});  // tiles, BMI
    add_trait(t, kVsib, {{0x90, 0x93}});
    return t;
}

constexpr Traits vex3_traits() {
    Traits t{};
    add_trait(t, kWhole, {{0x30, 0x33}, {0xf0, 0xf0}});
    return t;
}

constexpr Traits all_whole() {
    Traits t{};
    add_trait(t, kWhole, {{0, 255}});
    return t;
}

// Results in masks and general registers.
constexpr Traits evex1_traits() {
    Traits t{};
    add_trait(t, kRegisters, {{0x2a, 0x2d}, {0x64, 0x66}, {0x6e, 0x6e}, {0x71, 0x79}, {0x7a, 0x7b}, {0x7e, 0x7e}});
    add_trait(t, kRegisters, {{0xc2, 0xc2}, {0xc4, 0xc5}});
    add_trait(t, kWhole, {{0x90, 0x93}});
    return t;
}

constexpr Traits evex2_traits() {
    Traits t{};
    add_trait(t, kRegisters, {{0x26, 0x2a}, {0x37, 0x3a}, {0x68, 0x68}, {0x7a, 0x7c}, {0x8f, 0x8f}});
    add_trait(t, kWhole, {{0x48, 0x4b}, {0x5c, 0x5f}, {0x6b, 0x6f}, {0xe0, 0xef}, {0xf2, 0xf7}});
    add_trait(t, kVsib, {{0x90, 0x93}, {0xa0, 0xa3}, {0xc6, 0xc7}});
    return t;
}

constexpr Traits evex3_traits() {
    Traits t{};
    add_trait(t, kRegisters, {{0x07, 0x07}, {0x14, 0x17}, {0x1e, 0x1f}, {0x20, 0x22}, {0x3e, 0x3f}, {0x66, 0x67}});
    add_trait(t, kRegisters, {{0x77, 0x77}, {0xc2, 0xc2}});
    add_trait(t, kWhole, {{0xf0, 0xf0}});
    return t;
}

constexpr Traits evex5_traits() {
    Traits t{};
    add_trait(t, kRegisters, {{0x2a, 0x2d}, {0x6c, 0x6e}, {0x78, 0x7b}, {0x7e, 0x7e}});
    return t;
}

constexpr Traits evex6_traits() {
    Traits t{};
    add_trait(t, kWhole, {{0x56, 0x57}, {0x95, 0x95}, {0xd6, 0xd7}});  // complex products: registers must differ
    return t;
}

inline constexpr std::array<Traits, 4> kLegacyTraits = {map0_traits(), map1_traits(), map2_traits(), map3_traits()};
inline constexpr std::array<Traits, 4> kVexTraits = {all_whole(), vex1_traits(), vex2_traits(), vex3_traits()};
inline constexpr std::array<Traits, 8> kEvexTraits = {all_whole(), evex1_traits(), evex2_traits(), evex3_traits(),
                                                      all_whole(), evex5_traits(), evex6_traits(), all_whole()};

}  // namespace lf::x86
