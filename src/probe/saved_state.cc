// SPDX-License-Identifier: MIT
// Leaf 0xD (Intel SDM vol. 1, 13.2; AMD APM vol. 3, E.4.10): subleaf 0 EAX and EDX are the states that XCR0 may hold,
// EBX is the size of an XSAVE area for those that it holds now; subleaf n gives size (EAX) and offset (EBX) of state n,
// and ECX bit 0 for those of IA32_XSS, which are not in XCR0. So a state that ends beyond EBX is not saved.
#include "probe/saved_state.h"

#include <array>

#include "facts/x86_features.h"

namespace lf::probe {
namespace {

struct Place {
    unsigned state;
    std::uint32_t offset, size;
};

// Where the states lie if their subleaves were not recorded. Intel's are fixed in practice; AMD packs them closer.
constexpr auto kIntelPlaces = std::to_array<Place>({{2, 576, 256},
                                                    {3, 960, 64},
                                                    {4, 1024, 64},
                                                    {5, 1088, 64},
                                                    {6, 1152, 512},
                                                    {7, 1664, 1024},
                                                    {9, 2688, 8},
                                                    {17, 2752, 64},
                                                    {18, 2816, 8192}});
constexpr auto kAmdPlaces = std::to_array<Place>({{2, 576, 256}, {5, 832, 64}, {6, 896, 512}, {7, 1408, 1024}});
// APX lies where MPX was, before AVX-512: wherever that is in use, a size proves nothing of APX.
constexpr unsigned kApx = 19;
constexpr std::uint32_t kAmdEbx = 0x68747541;    // "Auth"
constexpr std::uint32_t kHygonEbx = 0x6f677948;  // "Hygo"

std::optional<Place> place_of(const CpuDump& dump, unsigned state) {
    if (const auto subleaf = dump.find(0xd, state); subleaf && subleaf->eax != 0)
        return bit(subleaf->ecx, 0) ? std::nullopt : std::optional(Place{state, subleaf->ebx, subleaf->eax});
    const auto vendor = dump.find(0, 0).value_or(Registers{}).ebx;
    const auto search = [&](const auto& places) -> std::optional<Place> {
        for (const Place& place : places)
            if (place.state == state) return place;
        return std::nullopt;
    };
    return vendor == kAmdEbx || vendor == kHygonEbx ? search(kAmdPlaces) : search(kIntelPlaces);
}

/// Every state that some feature of the CPU works on.
std::uint64_t states_of_features(const CpuDump& dump) {
    std::uint64_t out = 0x3;
    for (const facts::X86Feature& feature : facts::x86_features())
        if (const auto answer = dump.find(feature.leaf, feature.subleaf);
            answer && facts::is_shown(feature, answer->at(feature.where)))
            out |= facts::required_xcr0(feature.state);
    return out;
}

}  // namespace

std::optional<ProvenState> proven_state(const CpuDump& dump) {
    const auto leaf_1 = dump.find(1, 0);
    if (!leaf_1 || !bit(leaf_1->ecx, 27)) return std::nullopt;
    const auto leaf_7 = dump.find(7, 0).value_or(Registers{});
    const bool ospke = bit(leaf_7.ecx, 4);
    const auto sizes = dump.find(0xd, 0);
    std::uint64_t xcr0 = 0x3;
    if (!sizes || sizes->ebx == 0) xcr0 = states_of_features(dump);
    else {
        const std::uint64_t supported = (std::uint64_t{sizes->edx} << 32) | sizes->eax;
        for (unsigned state = 2; state < 63; ++state) {
            if (state == kApx) continue;
            const auto place = bit(supported, state) ? place_of(dump, state) : std::nullopt;
            if (place && std::uint64_t{place->offset} + place->size <= sizes->ebx) xcr0 |= std::uint64_t{1} << state;
        }
    }
    constexpr std::uint64_t kPkru = std::uint64_t{1} << 9;
    if (!ospke) xcr0 &= ~kPkru;
    const bool assumed = !sizes || sizes->ebx == 0;
    return ProvenState{xcr0, assumed, !assumed && bit(sizes->eax, kApx)};
}

}  // namespace lf::probe
