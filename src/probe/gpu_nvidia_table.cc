// SPDX-License-Identifier: MIT
// NVIDIA hands out device ids in blocks of 64 or 128, one block a chip, so an id that no list has yet still tells the
// chip. The blocks are ours, drawn around the ids that pci.ids names (gpu_tables_test.cc checks each id of every
// pci.ids at hand against them) and, for the oldest, around nouveau's families. Capabilities: NVIDIA's tables "CUDA GPU
// Compute Capability" and "Legacy CUDA GPUs"; the 1.x ones: CUDA C Programming Guide 6.5, appendix A.
#include <algorithm>
#include <array>

#include "probe/gpu_nvidia.h"

namespace lf::probe {
namespace {

constexpr auto kRanges = std::to_array<NvidiaIdRange>(
    {{0x0008, 0x0009, "NV1"},   {0x0018, 0x0019, "NV3"},   {0x0020, 0x0020, "NV4"},   {0x0028, 0x002d, "NV5"},
     {0x0040, 0x004f, "NV40"},  {0x0090, 0x009f, "G70"},   {0x00a0, 0x00a0, "NV5"},   {0x00c0, 0x00cf, "NV41"},
     {0x00f0, 0x00f0, "NV40"},  {0x00f1, 0x00f4, "NV43"},  {0x00f5, 0x00f5, "G70"},   {0x00f6, 0x00f7, "NV43"},
     {0x00f8, 0x00f9, "NV40"},  {0x00fa, 0x00fe, "NV30"},  {0x00ff, 0x00ff, "NV17"},  {0x0100, 0x0103, "NV10"},
     {0x0110, 0x0113, "NV11"},  {0x0140, 0x014f, "NV43"},  {0x0150, 0x0153, "NV15"},  {0x0160, 0x016f, "NV44"},
     {0x0170, 0x018f, "NV17"},  {0x0190, 0x019f, "G80"},   {0x01a0, 0x01a0, "NV11"},  {0x01d0, 0x01df, "G72"},
     {0x01f0, 0x01f0, "NV17"},  {0x0200, 0x0203, "NV20"},  {0x0210, 0x0218, "NV40"},  {0x0220, 0x0222, "NV44"},
     {0x0240, 0x0242, "C51"},   {0x0244, 0x0245, "C51"},   {0x0247, 0x0247, "C51"},   {0x0250, 0x025b, "NV25"},
     {0x0280, 0x028f, "NV28"},  {0x0290, 0x029f, "G71"},   {0x02a0, 0x02a0, "NV20"},  {0x02e0, 0x02e2, "G73"},
     {0x02e3, 0x02e7, "G71"},   {0x0300, 0x034f, "NV30"},  {0x0380, 0x039f, "G73"},   {0x03d0, 0x03d7, "C61"},
     {0x0400, 0x040f, "G84"},   {0x0410, 0x0418, "G92"},   {0x0420, 0x042f, "G86"},   {0x0530, 0x053e, "C67"},
     {0x05e0, 0x05ff, "GT200"}, {0x0600, 0x061f, "G92"},   {0x0620, 0x063f, "G94"},   {0x0640, 0x065f, "G96"},
     {0x06c0, 0x06df, "GF100"}, {0x06e0, 0x06ff, "G98"},   {0x07e0, 0x07e7, "C73"},   {0x0840, 0x084f, "C77"},
     {0x0850, 0x087f, "C79"},   {0x08a0, 0x08a7, "MCP89"}, {0x0a20, 0x0a3f, "GT216"}, {0x0a60, 0x0a7f, "GT218"},
     {0x0ca0, 0x0cbf, "GT215"}, {0x0dc0, 0x0ddf, "GF106"}, {0x0de0, 0x0dff, "GF108"}, {0x0e20, 0x0e3f, "GF104"},
     {0x0f00, 0x0f1f, "GF108"}, {0x0fc0, 0x0fff, "GK107"}, {0x1000, 0x1023, "GK110"}, {0x1024, 0x1024, "GK180"},
     {0x1025, 0x102c, "GK110"}, {0x102d, 0x102d, "GK210"}, {0x102e, 0x103f, "GK110"}, {0x1040, 0x107f, "GF119"},
     {0x1080, 0x1099, "GF110"}, {0x109a, 0x109f, "GF100"}, {0x10c0, 0x10df, "GT218"}, {0x1140, 0x117f, "GF117"},
     {0x1180, 0x11bf, "GK104"}, {0x11c0, 0x11ff, "GK106"}, {0x1200, 0x123f, "GF114"}, {0x1240, 0x127f, "GF116"},
     {0x1280, 0x12bf, "GK208"}, {0x130b, 0x130b, "GK110"}, {0x1340, 0x137f, "GM108"}, {0x1380, 0x13ac, "GM107"},
     {0x13ad, 0x13ae, "GM204"}, {0x13af, 0x13bd, "GM107"}, {0x13be, 0x13ff, "GM204"}, {0x1400, 0x143f, "GM206"},
     {0x15c0, 0x15ff, "GP100"}, {0x1600, 0x167f, "GM204"}, {0x1700, 0x173f, "GP100"}, {0x1740, 0x177f, "GM108"},
     {0x1780, 0x17bf, "GM107"}, {0x17c0, 0x17ff, "GM200"}, {0x1b00, 0x1b7f, "GP102"}, {0x1b80, 0x1bff, "GP104"},
     {0x1c00, 0x1c7f, "GP106"}, {0x1c80, 0x1cff, "GP107"}, {0x1d00, 0x1d7f, "GP108"}, {0x1d80, 0x1dff, "GV100"},
     {0x1e00, 0x1e7f, "TU102"}, {0x1e80, 0x1eff, "TU104"}, {0x1f00, 0x1f7f, "TU106"}, {0x1f80, 0x1fff, "TU117"},
     {0x2080, 0x20ff, "GA100"}, {0x2180, 0x21ff, "TU116"}, {0x2200, 0x223f, "GA102"}, {0x22d1, 0x22d1, "GB20B"},
     {0x2300, 0x23ff, "GH100"}, {0x2400, 0x247f, "GA103"}, {0x2480, 0x24ff, "GA104"}, {0x2500, 0x257f, "GA106"},
     {0x2580, 0x25ff, "GA107"}, {0x2680, 0x26ff, "AD102"}, {0x2700, 0x277f, "AD103"}, {0x2780, 0x27ff, "AD104"},
     {0x2800, 0x287f, "AD106"}, {0x2880, 0x28ff, "AD107"}, {0x2900, 0x297f, "GB100"}, {0x2980, 0x29ff, "GB102"},
     {0x2b00, 0x2b00, "GB10B"}, {0x2b80, 0x2bff, "GB202"}, {0x2c00, 0x2c7f, "GB203"}, {0x2d00, 0x2d7f, "GB206"},
     {0x2d80, 0x2dff, "GB207"}, {0x2e00, 0x2e7f, "GB20B"}, {0x2f00, 0x2f7f, "GB205"}, {0x3000, 0x307f, "GR100"},
     {0x3080, 0x30ff, "GR102"}, {0x3180, 0x31ff, "GB110"}, {0x3200, 0x327f, "GB112"}, {0x3340, 0x3340, "GB120"},
     {0x3400, 0x3400, "GB10B"}});

// A family older than Tesla has no compute capability ("" and too_old): several of its chips stand under one name. The
// column of true and false: on one die or board with the CPU, sharing its memory.
constexpr auto kChips = std::to_array<NvidiaChip>({{"NV1", "", false, "Fahrenheit"},
                                                   {"NV3", "", false, "Fahrenheit"},
                                                   {"NV4", "", false, "Fahrenheit"},
                                                   {"NV5", "", false, "Fahrenheit"},
                                                   {"NV10", "", false, "Celsius"},
                                                   {"NV11", "", false, "Celsius"},
                                                   {"NV15", "", false, "Celsius"},
                                                   {"NV17", "", false, "Celsius"},
                                                   {"NV20", "", false, "Kelvin"},
                                                   {"NV25", "", false, "Kelvin"},
                                                   {"NV28", "", false, "Kelvin"},
                                                   {"NV30", "", false, "Rankine"},
                                                   {"NV40", "", false, "Curie"},
                                                   {"NV41", "", false, "Curie"},
                                                   {"NV43", "", false, "Curie"},
                                                   {"NV44", "", false, "Curie"},
                                                   {"G70", "", false, "Curie"},
                                                   {"G71", "", false, "Curie"},
                                                   {"G72", "", false, "Curie"},
                                                   {"G73", "", false, "Curie"},
                                                   {"C51", "", true, "Curie"},
                                                   {"C61", "", true, "Curie"},
                                                   {"C67", "", true, "Curie"},
                                                   {"C73", "", true, "Curie"},
                                                   {"G80", "1.0", false, "Tesla"},
                                                   {"G84", "1.1", false, "Tesla"},
                                                   {"G86", "1.1", false, "Tesla"},
                                                   {"G92", "1.1", false, "Tesla"},
                                                   {"G94", "1.1", false, "Tesla"},
                                                   {"G96", "1.1", false, "Tesla"},
                                                   {"G98", "1.1", false, "Tesla"},
                                                   {"C77", "1.1", true, "Tesla"},
                                                   {"C79", "1.1", true, "Tesla"},
                                                   {"MCP89", "1.2", true, "Tesla"},
                                                   {"GT200", "1.3", false, "Tesla"},
                                                   {"GT215", "1.2", false, "Tesla"},
                                                   {"GT216", "1.2", false, "Tesla"},
                                                   {"GT218", "1.2", false, "Tesla"},
                                                   {"GF100", "2.0", false, "Fermi"},
                                                   {"GF110", "2.0", false, "Fermi"},
                                                   {"GF104", "2.1", false, "Fermi"},
                                                   {"GF106", "2.1", false, "Fermi"},
                                                   {"GF108", "2.1", false, "Fermi"},
                                                   {"GF114", "2.1", false, "Fermi"},
                                                   {"GF116", "2.1", false, "Fermi"},
                                                   {"GF117", "2.1", false, "Fermi"},
                                                   {"GF119", "2.1", false, "Fermi"},
                                                   {"GK20A", "3.2", true, "Kepler"},
                                                   {"GK104", "3.0", false, "Kepler"},
                                                   {"GK106", "3.0", false, "Kepler"},
                                                   {"GK107", "3.0", false, "Kepler"},
                                                   {"GK110", "3.5", false, "Kepler"},
                                                   {"GK180", "3.5", false, "Kepler"},
                                                   {"GK208", "3.5", false, "Kepler"},
                                                   {"GK210", "3.7", false, "Kepler"},
                                                   {"GM107", "5.0", false, "Maxwell"},
                                                   {"GM108", "5.0", false, "Maxwell"},
                                                   {"GM200", "5.2", false, "Maxwell"},
                                                   {"GM204", "5.2", false, "Maxwell"},
                                                   {"GM206", "5.2", false, "Maxwell"},
                                                   {"GM20B", "5.3", true, "Maxwell"},
                                                   {"GP100", "6.0", false, "Pascal"},
                                                   {"GP102", "6.1", false, "Pascal"},
                                                   {"GP104", "6.1", false, "Pascal"},
                                                   {"GP106", "6.1", false, "Pascal"},
                                                   {"GP107", "6.1", false, "Pascal"},
                                                   {"GP108", "6.1", false, "Pascal"},
                                                   {"GP10B", "6.2", true, "Pascal"},
                                                   {"GV100", "7.0", false, "Volta"},
                                                   {"GV11B", "7.2", true, "Volta"},
                                                   {"TU102", "7.5", false, "Turing"},
                                                   {"TU104", "7.5", false, "Turing"},
                                                   {"TU106", "7.5", false, "Turing"},
                                                   {"TU116", "7.5", false, "Turing"},
                                                   {"TU117", "7.5", false, "Turing"},
                                                   {"GA100", "8.0", false, "Ampere"},
                                                   {"GA102", "8.6", false, "Ampere"},
                                                   {"GA103", "8.6", false, "Ampere"},
                                                   {"GA104", "8.6", false, "Ampere"},
                                                   {"GA106", "8.6", false, "Ampere"},
                                                   {"GA107", "8.6", false, "Ampere"},
                                                   {"GA10B", "8.7", true, "Ampere"},
                                                   {"AD102", "8.9", false, "Ada"},
                                                   {"AD103", "8.9", false, "Ada"},
                                                   {"AD104", "8.9", false, "Ada"},
                                                   {"AD106", "8.9", false, "Ada"},
                                                   {"AD107", "8.9", false, "Ada"},
                                                   {"GH100", "9.0", false, "Hopper"},
                                                   {"GB100", "10.0", false, "Blackwell"},
                                                   {"GB110", "10.3", false, "Blackwell Ultra"},
                                                   {"GB10B", "11.0", true, "Blackwell"},
                                                   {"GB202", "12.0", false, "Blackwell"},
                                                   {"GB203", "12.0", false, "Blackwell"},
                                                   {"GB205", "12.0", false, "Blackwell"},
                                                   {"GB206", "12.0", false, "Blackwell"},
                                                   {"GB207", "12.0", false, "Blackwell"},
                                                   {"GB20B", "12.1", true, "Blackwell"},
                                                   // In pci.ids, but in no table of NVIDIA's yet:
                                                   {"GB102", "", false, "Blackwell"},
                                                   {"GB112", "", false, "Blackwell Ultra"},
                                                   {"GB120", "", false, "Blackwell"},
                                                   {"GR100", "", false, "Rubin"},
                                                   {"GR102", "", false, "Rubin"}});

}  // namespace

std::span<const NvidiaIdRange> nvidia_id_ranges() { return kRanges; }
std::span<const NvidiaChip> nvidia_chips() { return kChips; }

const NvidiaChip* find_nvidia_chip(std::string_view chip) {
    const auto* found = std::find_if(kChips.begin(), kChips.end(), [&](const auto& row) { return row.chip == chip; });
    return found == kChips.end() ? nullptr : found;
}

std::optional<std::string_view> nvidia_chip_of(std::uint16_t device) {
    const auto* found = std::find_if(kRanges.begin(), kRanges.end(), [&](const NvidiaIdRange& range) {
        return range.first <= device && device <= range.last;
    });
    if (found == kRanges.end()) return std::nullopt;
    return found->chip;
}

}  // namespace lf::probe
