// SPDX-License-Identifier: MIT
// Names do not tell: Meteor Lake's integrated GPU is called "Arc" like the cards, many ids are just "UHD Graphics".
#include "probe/gpu_intel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace lf::probe {
namespace {

constexpr auto kRanges = std::to_array<IntelIdRange>({{0x0042, 0x004a, "Ironlake"},
                                                      {0x0102, 0x0126, "Sandy Bridge"},
                                                      {0x0152, 0x0176, "Ivy Bridge"},
                                                      {0x0201, 0x0210, "Arctic Sound"},
                                                      {0x0402, 0x042e, "Haswell"},
                                                      {0x08c7, 0x08cf, "Clover Trail"},
                                                      {0x0a02, 0x0a2e, "Haswell"},
                                                      {0x0b69, 0x0b6e, "Ponte Vecchio"},
                                                      {0x0bd0, 0x0bdb, "Ponte Vecchio"},
                                                      {0x0be0, 0x0bef, "Cedar Trail"},
                                                      {0x0c02, 0x0c2e, "Haswell"},
                                                      {0x0d02, 0x0d36, "Haswell"},
                                                      {0x0f30, 0x0f33, "Bay Trail"},
                                                      {0x1132, 0x1132, "i8xx"},
                                                      {0x1240, 0x1240, "i740"},
                                                      {0x1602, 0x163e, "Broadwell"},
                                                      {0x1902, 0x193d, "Skylake"},
                                                      {0x1a12, 0x1a12, "i8xx"},
                                                      {0x1a84, 0x1a85, "Broxton"},
                                                      {0x22b0, 0x22b3, "Cherry Trail"},
                                                      {0x2562, 0x2562, "i8xx"},
                                                      {0x2572, 0x2572, "i8xx"},
                                                      {0x2582, 0x2582, "Gen3"},
                                                      {0x258a, 0x258a, "Gen3"},
                                                      {0x2592, 0x2592, "Gen3"},
                                                      {0x2772, 0x2772, "Gen3"},
                                                      {0x2776, 0x2776, "Gen3"},
                                                      {0x2780, 0x2780, "Gen3"},
                                                      {0x2782, 0x2782, "Gen3"},
                                                      {0x2792, 0x2792, "Gen3"},
                                                      {0x27a2, 0x27a2, "Gen3"},
                                                      {0x27a6, 0x27a6, "Gen3"},
                                                      {0x27ae, 0x27ae, "Gen3"},
                                                      {0x2972, 0x2973, "Gen4"},
                                                      {0x2982, 0x2983, "Gen4"},
                                                      {0x2992, 0x2993, "Gen4"},
                                                      {0x29a2, 0x29a3, "Gen4"},
                                                      {0x29b2, 0x29b3, "Gen3"},
                                                      {0x29c2, 0x29c3, "Gen3"},
                                                      {0x29d2, 0x29d3, "Gen3"},
                                                      {0x2a02, 0x2a03, "Gen4"},
                                                      {0x2a12, 0x2a13, "Gen4"},
                                                      {0x2a42, 0x2a43, "Gen4"},
                                                      {0x2e02, 0x2e03, "Gen4"},
                                                      {0x2e12, 0x2e13, "Gen4"},
                                                      {0x2e22, 0x2e23, "Gen4"},
                                                      {0x2e32, 0x2e33, "Gen4"},
                                                      {0x2e42, 0x2e43, "Gen4"},
                                                      {0x2e5b, 0x2e5b, "PowerVR"},
                                                      {0x2e61, 0x2e61, "PowerVR"},
                                                      {0x2e92, 0x2e93, "Gen4"},
                                                      {0x3184, 0x3185, "Gemini Lake"},
                                                      {0x3577, 0x3577, "i8xx"},
                                                      {0x3582, 0x3582, "i8xx"},
                                                      {0x358e, 0x358e, "i8xx"},
                                                      {0x3e90, 0x3e9c, "Coffee Lake"},
                                                      {0x3ea0, 0x3ea4, "Whiskey Lake"},
                                                      {0x3ea5, 0x3ea9, "Coffee Lake"},
                                                      {0x4100, 0x410f, "PowerVR"},
                                                      {0x4541, 0x4571, "Elkhart Lake"},
                                                      {0x4626, 0x462a, "Alder Lake-P"},
                                                      {0x4636, 0x463a, "Alder Lake-P"},
                                                      {0x4680, 0x4693, "Alder Lake-S"},
                                                      {0x46a0, 0x46c3, "Alder Lake-P"},
                                                      {0x46d0, 0x46d4, "Alder Lake-N"},
                                                      {0x4905, 0x4909, "DG1"},
                                                      {0x4c80, 0x4c9a, "Rocket Lake"},
                                                      {0x4e51, 0x4e71, "Jasper Lake"},
                                                      {0x4f80, 0x4f88, "DG2"},
                                                      {0x4f89, 0x4f8c, "DG2"},
                                                      {0x5002, 0x5002, "PowerVR"},
                                                      {0x5009, 0x5009, "PowerVR"},
                                                      {0x5690, 0x56bf, "DG2"},
                                                      {0x56c0, 0x56c2, "ATS-M"},
                                                      {0x5902, 0x593b, "Kaby Lake"},
                                                      {0x5a40, 0x5a5c, "Cannon Lake"},
                                                      {0x5a84, 0x5a85, "Apollo Lake"},
                                                      {0x6420, 0x64b0, "Lunar Lake"},
                                                      {0x674c, 0x674c, "Crescent Island"},
                                                      {0x7121, 0x7121, "i8xx"},
                                                      {0x7123, 0x7123, "i8xx"},
                                                      {0x7125, 0x7126, "i8xx"},
                                                      {0x7128, 0x7128, "i8xx"},
                                                      {0x712a, 0x712a, "i8xx"},
                                                      {0x7800, 0x7800, "i740"},
                                                      {0x7d40, 0x7d40, "Meteor Lake"},
                                                      {0x7d41, 0x7d41, "Arrow Lake"},
                                                      {0x7d45, 0x7d45, "Meteor Lake"},
                                                      {0x7d51, 0x7d51, "Arrow Lake-H"},
                                                      {0x7d55, 0x7d60, "Meteor Lake"},
                                                      {0x7d67, 0x7d67, "Arrow Lake"},
                                                      {0x7dd1, 0x7dd1, "Arrow Lake-H"},
                                                      {0x7dd5, 0x7dd5, "Meteor Lake"},
                                                      {0x8108, 0x8109, "PowerVR"},
                                                      {0x8182, 0x8182, "PowerVR"},
                                                      {0x87c0, 0x87c0, "Kaby Lake"},
                                                      {0x87ca, 0x87ca, "Comet Lake"},
                                                      {0x8a50, 0x8a71, "Ice Lake"},
                                                      {0x9840, 0x9841, "Lakefield"},
                                                      {0x9a40, 0x9af8, "Tiger Lake"},
                                                      {0x9b21, 0x9b21, "Comet Lake"},
                                                      {0x9b41, 0x9b41, "Comet Lake"},
                                                      {0x9ba0, 0x9bac, "Comet Lake"},
                                                      {0x9bc0, 0x9bcc, "Comet Lake"},
                                                      {0x9be6, 0x9bf6, "Comet Lake"},
                                                      {0xa001, 0xa002, "Gen3"},
                                                      {0xa011, 0xa012, "Gen3"},
                                                      {0xa720, 0xa721, "Raptor Lake-P"},
                                                      {0xa780, 0xa78b, "Raptor Lake-S"},
                                                      {0xa7a0, 0xa7ad, "Raptor Lake-P"},
                                                      {0xb080, 0xb0ff, "Panther Lake"},
                                                      {0xb640, 0xb640, "Arrow Lake-H"},
                                                      {0xd740, 0xd745, "Nova Lake-S"},
                                                      {0xd750, 0xd75f, "Nova Lake-P"},
                                                      {0xe202, 0xe223, "Battlemage"},
                                                      {0xfd80, 0xfd81, "Wildcat Lake"},
                                                      {0xff05, 0xff05, "Sandy Bridge"},
                                                      {0xff20, 0xff20, "Tiger Lake"}});

using enum IntelVulkan;
constexpr auto kChips = std::to_array<IntelChip>({{"i740", "i740", false, none},
                                                  {"i8xx", "Gen2 or older", true, none},
                                                  {"Gen3", "Gen3", true, none},
                                                  {"PowerVR", "PowerVR", true, none},
                                                  {"Clover Trail", "PowerVR", true, none},
                                                  {"Cedar Trail", "PowerVR", true, none},
                                                  {"Gen4", "Gen4", true, none},
                                                  {"Ironlake", "Gen5", true, none},
                                                  {"Sandy Bridge", "Gen6", true, none},
                                                  {"Ivy Bridge", "Gen7", true, old},
                                                  {"Bay Trail", "Gen7", true, old},
                                                  {"Haswell", "Gen7.5", true, old},
                                                  {"Broadwell", "Gen8", true, old},
                                                  {"Cherry Trail", "Gen8", true, old},
                                                  {"Skylake", "Gen9", true, yes},
                                                  {"Broxton", "Gen9", true, yes},
                                                  {"Apollo Lake", "Gen9", true, yes},
                                                  {"Gemini Lake", "Gen9.5", true, yes},
                                                  {"Kaby Lake", "Gen9.5", true, yes},
                                                  {"Coffee Lake", "Gen9.5", true, yes},
                                                  {"Whiskey Lake", "Gen9.5", true, yes},
                                                  {"Comet Lake", "Gen9.5", true, yes},
                                                  {"Cannon Lake", "Gen10", true, none},
                                                  {"Ice Lake", "Gen11", true, yes},
                                                  {"Lakefield", "Gen11", true, yes},
                                                  {"Elkhart Lake", "Gen11", true, yes},
                                                  {"Jasper Lake", "Gen11", true, yes},
                                                  {"Tiger Lake", "Xe-LP", true, yes},
                                                  {"Rocket Lake", "Xe-LP", true, yes},
                                                  {"Alder Lake-S", "Xe-LP", true, yes},
                                                  {"Alder Lake-P", "Xe-LP", true, yes},
                                                  {"Alder Lake-N", "Xe-LP", true, yes},
                                                  {"Raptor Lake-S", "Xe-LP", true, yes},
                                                  {"Raptor Lake-P", "Xe-LP", true, yes},
                                                  {"DG1", "Xe-LP", false, yes},
                                                  {"Arctic Sound", "Xe-HP", false, none},
                                                  {"DG2", "Xe-HPG", false, yes},
                                                  {"ATS-M", "Xe-HPG", false, yes},
                                                  {"Ponte Vecchio", "Xe-HPC", false, none},
                                                  {"Meteor Lake", "Xe-LPG", true, yes},
                                                  {"Arrow Lake", "Xe-LPG", true, yes},
                                                  {"Arrow Lake-H", "Xe-LPG+", true, yes},
                                                  {"Lunar Lake", "Xe2-LPG", true, yes},
                                                  {"Battlemage", "Xe2-HPG", false, yes},
                                                  {"Panther Lake", "Xe3-LPG", true, yes},
                                                  {"Wildcat Lake", "Xe3-LPG", true, yes},
                                                  {"Nova Lake-S", "Xe3-LPG", true, yes},
                                                  {"Nova Lake-P", "Xe3P-LPG", true, yes},
                                                  {"Crescent Island", "Xe3P", false, none}});

// Ids all of whose boards have a power of two of GiB: A770 (8, 16), A750 and A580 (8), A310 (4), Arc Pro B50 (16),
// Flex 170 (16). An A380 has 6 GiB behind a BAR of 8, a B580 12 behind 16: for these the BAR says nothing exact.
constexpr std::uint16_t kBarIsMemory[] = {0x56a0, 0x56a1, 0x56a2, 0x56a6, 0xe212, 0x56c0};
constexpr std::uint64_t kWindow = std::uint64_t{256} << 20;  // the size of the BAR without resizable BARs

}  // namespace

std::span<const IntelIdRange> intel_id_ranges() { return kRanges; }
std::span<const IntelChip> intel_chips() { return kChips; }

const IntelChip* find_intel_chip(std::string_view chip) {
    const auto* found = std::find_if(kChips.begin(), kChips.end(), [&](const auto& row) { return row.chip == chip; });
    return found == kChips.end() ? nullptr : found;
}

std::optional<std::string_view> intel_chip_of(std::uint16_t device) {
    const auto* found = std::find_if(kRanges.begin(), kRanges.end(), [&](const IntelIdRange& range) {
        return range.first <= device && device <= range.last;
    });
    if (found == kRanges.end()) return std::nullopt;
    return found->chip;
}

std::optional<std::uint64_t> intel_memory_of_bar(std::uint16_t device, std::uint64_t bar) {
    if (bar <= kWindow) return std::nullopt;
    if (std::find(std::begin(kBarIsMemory), std::end(kBarIsMemory), device) == std::end(kBarIsMemory))
        return std::nullopt;
    return bar;
}

void describe_intel(facts::Gpu& gpu, std::vector<std::string>& notes) {
    if (const auto chip = intel_chip_of(gpu.device_id)) {
        const IntelChip* row = find_intel_chip(*chip);
        gpu.chip = std::string(row->chip);
        gpu.architecture = std::string(row->architecture);
        gpu.integrated = row->integrated;
        gpu.known_by["chip"] = gpu.known_by["integrated"] = fmt::format("id 8086:{:04x} (table)", gpu.device_id);
        return;
    }
    // Intel's integrated GPUs have sat at this address since the first of them (Intel graphics manuals, "PCI"); a card
    // passed to a virtual machine can sit there too, but those we know by id.
    if (gpu.address == "0000:00:02.0") {
        gpu.integrated = true;
        gpu.known_by["integrated"] = "the address 0000:00:02.0";
    }
    notes.push_back(fmt::format("the Intel GPU at {} (8086:{:04x}) is of a family that this llama-fleet does not know",
                                gpu.address, gpu.device_id));
}

}  // namespace lf::probe
