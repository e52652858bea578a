// SPDX-License-Identifier: MIT
#include "facts/x86_features.h"

#include <algorithm>
#include <array>

namespace lf::facts {
namespace {

constexpr auto kFeatures = std::to_array<X86Feature>({
#define X86_FEATURE(name, leaf, subleaf, where, bit, state) \
    {#name, leaf, subleaf, CpuidRegister::where, bit, SavedState::state},
#include "facts/x86_features.def"
#undef X86_FEATURE
});

struct StateRow {
    SavedState state;
    std::uint64_t xcr0;
    std::string_view text;
};

// Intel SDM vol. 1, section 13.1: bit 1 SSE, 2 AVX, 5 opmask, 6 ZMM_Hi256, 7 Hi16_ZMM, 17 TILECFG, 18 TILEDATA, 19 APX.
constexpr std::array<StateRow, 5> kStates = {{
    {SavedState::none, 0, "nothing beyond the baseline"},
    {SavedState::avx, 0x6, "XMM and YMM registers (XCR0 & 0x6)"},
    {SavedState::avx512, 0xe6, "XMM, YMM, ZMM and mask registers (XCR0 & 0xe6)"},
    {SavedState::amx, 0x60000, "tile registers (XCR0 & 0x60000)"},
    {SavedState::apx, 0x80000, "registers R16 to R31 (XCR0 & 0x80000)"},
}};

}  // namespace

std::span<const X86Feature> x86_features() { return kFeatures; }

const X86Feature* find_x86_feature(std::string_view name) {
    const auto* found = std::find_if(kFeatures.begin(), kFeatures.end(), [&](const auto& f) { return f.name == name; });
    return found == kFeatures.end() ? nullptr : found;
}

std::uint64_t required_xcr0(SavedState state) { return kStates[static_cast<std::size_t>(state)].xcr0; }

std::string_view describe(SavedState state) { return kStates[static_cast<std::size_t>(state)].text; }

}  // namespace lf::facts
