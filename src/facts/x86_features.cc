// SPDX-License-Identifier: MIT
#include "facts/x86_features.h"

#include <algorithm>
#include <array>

namespace lf::facts {
namespace {

constexpr auto kFeatures = std::to_array<X86Feature>({
#define X86_FEATURE(name, leaf, subleaf, where, bit, state) \
    {#name, leaf, subleaf, CpuidRegister::where, bit, SavedState::state},
#define X86_SYSTEM(name, leaf, subleaf, where, bit, state) \
    {#name, leaf, subleaf, CpuidRegister::where, bit, SavedState::state, 1, 1, true},
#define X86_VERSION(name, leaf, subleaf, where, bit, bits, at_least, state) \
    {#name, leaf, subleaf, CpuidRegister::where, bit, SavedState::state, bits, at_least},
#include "facts/x86_features.def"
#undef X86_FEATURE
#undef X86_SYSTEM
#undef X86_VERSION
});

struct StateRow {
    SavedState state;
    std::uint64_t xcr0;
    std::string_view text;
};

// Intel SDM vol. 1, section 13.1: bit 0 x87, 1 SSE, 2 AVX, 3 and 4 MPX, 5 opmask, 6 ZMM_Hi256, 7 Hi16_ZMM, 9 PKRU,
// 17 TILECFG, 18 TILEDATA, 19 APX; AMD APM vol. 2, 11.5.2: 62 LWP.
constexpr std::array<StateRow, 9> kStates = {{
    {SavedState::none, 0, "nothing beyond the baseline"},
    {SavedState::xsave, 0x1, "anything with XSAVE (XCR0 & 0x1)"},
    {SavedState::avx, 0x6, "XMM and YMM registers (XCR0 & 0x6)"},
    {SavedState::avx512, 0xe6, "XMM, YMM, ZMM and mask registers (XCR0 & 0xe6)"},
    {SavedState::amx, 0x60000, "tile registers (XCR0 & 0x60000)"},
    {SavedState::apx, 0x80000, "registers R16 to R31 (XCR0 & 0x80000)"},
    {SavedState::mpx, 0x18, "bounds registers (XCR0 & 0x18)"},
    {SavedState::pkru, 0x200, "the protection keys' register (XCR0 & 0x200)"},
    {SavedState::lwp, std::uint64_t{1} << 62, "lightweight profiling (XCR0 bit 62)"},
}};

}  // namespace

std::span<const X86Feature> x86_features() { return kFeatures; }

const X86Feature* find_x86_feature(std::string_view name) {
    const auto* found = std::find_if(kFeatures.begin(), kFeatures.end(), [&](const auto& f) { return f.name == name; });
    return found == kFeatures.end() ? nullptr : found;
}

bool is_shown(const X86Feature& feature, std::uint32_t value) {
    const std::uint32_t number = (value >> feature.bit) & ((std::uint32_t{1} << feature.bits) - 1);
    return number >= feature.at_least;
}

std::uint64_t required_xcr0(SavedState state) { return kStates[static_cast<std::size_t>(state)].xcr0; }

std::string_view describe(SavedState state) { return kStates[static_cast<std::size_t>(state)].text; }

}  // namespace lf::facts
