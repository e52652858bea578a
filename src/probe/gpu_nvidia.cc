// SPDX-License-Identifier: MIT
// NVIDIA hands out device ids in blocks of 64 or 128, one block a chip, so an id that no list has yet still tells the
// chip. The blocks below are ours, drawn around the ids that pci.ids names (gpu_nvidia_test.cc checks each id of the
// system's pci.ids against them). Capabilities: NVIDIA's tables "CUDA GPU Compute Capability" and "Legacy CUDA GPUs".
#include "probe/gpu_nvidia.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr auto kRanges = std::to_array<NvidiaIdRange>({
    {0x06c0, 0x06df, "GF100"}, {0x0dc0, 0x0ddf, "GF106"}, {0x0de0, 0x0dff, "GF108"}, {0x0e20, 0x0e3f, "GF104"},
    {0x0f00, 0x0f1f, "GF108"}, {0x0fc0, 0x0fff, "GK107"}, {0x1000, 0x1023, "GK110"}, {0x1024, 0x1024, "GK180"},
    {0x1025, 0x102c, "GK110"}, {0x102d, 0x102d, "GK210"}, {0x102e, 0x103f, "GK110"}, {0x1040, 0x107f, "GF119"},
    {0x1080, 0x1099, "GF110"}, {0x109a, 0x109f, "GF100"}, {0x1140, 0x117f, "GF117"}, {0x1180, 0x11bf, "GK104"},
    {0x11c0, 0x11ff, "GK106"}, {0x1200, 0x123f, "GF114"}, {0x1240, 0x127f, "GF116"}, {0x1280, 0x12bf, "GK208"},
    {0x130b, 0x130b, "GK110"}, {0x1340, 0x137f, "GM108"}, {0x1380, 0x13ac, "GM107"}, {0x13ad, 0x13ae, "GM204"},
    {0x13af, 0x13bd, "GM107"}, {0x13be, 0x13ff, "GM204"}, {0x1400, 0x143f, "GM206"}, {0x15c0, 0x15ff, "GP100"},
    {0x1600, 0x167f, "GM204"}, {0x1700, 0x173f, "GP100"}, {0x1740, 0x177f, "GM108"}, {0x1780, 0x17bf, "GM107"},
    {0x17c0, 0x17ff, "GM200"}, {0x1b00, 0x1b7f, "GP102"}, {0x1b80, 0x1bff, "GP104"}, {0x1c00, 0x1c7f, "GP106"},
    {0x1c80, 0x1cff, "GP107"}, {0x1d00, 0x1d7f, "GP108"}, {0x1d80, 0x1dff, "GV100"}, {0x1e00, 0x1e7f, "TU102"},
    {0x1e80, 0x1eff, "TU104"}, {0x1f00, 0x1f7f, "TU106"}, {0x1f80, 0x1fff, "TU117"}, {0x2080, 0x20ff, "GA100"},
    {0x2180, 0x21ff, "TU116"}, {0x2200, 0x223f, "GA102"}, {0x22d1, 0x22d1, "GB20B"}, {0x2300, 0x23ff, "GH100"},
    {0x2400, 0x247f, "GA103"}, {0x2480, 0x24ff, "GA104"}, {0x2500, 0x257f, "GA106"}, {0x2580, 0x25ff, "GA107"},
    {0x2680, 0x26ff, "AD102"}, {0x2700, 0x277f, "AD103"}, {0x2780, 0x27ff, "AD104"}, {0x2800, 0x287f, "AD106"},
    {0x2880, 0x28ff, "AD107"}, {0x2900, 0x297f, "GB100"}, {0x2980, 0x29ff, "GB102"}, {0x2b00, 0x2b00, "GB10B"},
    {0x2b80, 0x2bff, "GB202"}, {0x2c00, 0x2c7f, "GB203"}, {0x2d00, 0x2d7f, "GB206"}, {0x2d80, 0x2dff, "GB207"},
    {0x2e00, 0x2e7f, "GB20B"}, {0x2f00, 0x2f7f, "GB205"}, {0x3000, 0x307f, "GR100"}, {0x3080, 0x30ff, "GR102"},
    {0x3180, 0x31ff, "GB110"}, {0x3200, 0x327f, "GB112"}, {0x3340, 0x3340, "GB120"}, {0x3400, 0x3400, "GB10B"},
});

// The third column: on one die with the CPU.
constexpr auto kChips = std::to_array<NvidiaChip>({
    {"GF100", "2.0", false},
    {"GF110", "2.0", false},
    {"GF104", "2.1", false},
    {"GF106", "2.1", false},
    {"GF108", "2.1", false},
    {"GF114", "2.1", false},
    {"GF116", "2.1", false},
    {"GF117", "2.1", false},
    {"GF119", "2.1", false},
    {"GK104", "3.0", false},
    {"GK106", "3.0", false},
    {"GK107", "3.0", false},
    {"GK110", "3.5", false},
    {"GK180", "3.5", false},
    {"GK208", "3.5", false},
    {"GK210", "3.7", false},
    {"GM107", "5.0", false},
    {"GM108", "5.0", false},
    {"GM200", "5.2", false},
    {"GM204", "5.2", false},
    {"GM206", "5.2", false},
    {"GM20B", "5.3", true},
    {"GP100", "6.0", false},
    {"GP102", "6.1", false},
    {"GP104", "6.1", false},
    {"GP106", "6.1", false},
    {"GP107", "6.1", false},
    {"GP108", "6.1", false},
    {"GP10B", "6.2", true},
    {"GV100", "7.0", false},
    {"GV11B", "7.2", true},
    {"TU102", "7.5", false},
    {"TU104", "7.5", false},
    {"TU106", "7.5", false},
    {"TU116", "7.5", false},
    {"TU117", "7.5", false},
    {"GA100", "8.0", false},
    {"GA102", "8.6", false},
    {"GA103", "8.6", false},
    {"GA104", "8.6", false},
    {"GA106", "8.6", false},
    {"GA107", "8.6", false},
    {"GA10B", "8.7", true},
    {"AD102", "8.9", false},
    {"AD103", "8.9", false},
    {"AD104", "8.9", false},
    {"AD106", "8.9", false},
    {"AD107", "8.9", false},
    {"GH100", "9.0", false},
    {"GB100", "10.0", false},
    {"GB110", "10.3", false},
    {"GB10B", "11.0", true},
    {"GB202", "12.0", false},
    {"GB203", "12.0", false},
    {"GB205", "12.0", false},
    {"GB206", "12.0", false},
    {"GB207", "12.0", false},
    {"GB20B", "12.1", true},
    // In pci.ids, but in no table of NVIDIA's yet:
    {"GB102", "", false},
    {"GB112", "", false},
    {"GB120", "", false},
    {"GR100", "", false},
    {"GR102", "", false},
});

// What pci.ids writes after the codename: boards ("B", "S"), professional ("GL"), mobile ("M").
constexpr std::string_view kSuffixes = "BSGLM";

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

std::optional<std::string_view> nvidia_chip_named(std::string_view pci_name) {
    std::string_view word = pci_name.substr(0, pci_name.find_first_of(" -/["));
    std::optional<std::string_view> best;
    for (const NvidiaChip& row : kChips) {
        if (!word.starts_with(row.chip)) continue;
        const std::string_view rest = word.substr(row.chip.size());
        if (rest.find_first_not_of(kSuffixes) != std::string_view::npos) continue;
        if (!best || row.chip.size() > best->size()) best = row.chip;  // "GB20B" is no "GB20" with a suffix
    }
    return best;
}

void describe_nvidia(facts::Gpu& gpu, std::vector<std::string>& notes) {
    auto chip = nvidia_chip_of(gpu.device_id);
    if (!chip && gpu.name) chip = nvidia_chip_named(*gpu.name);
    if (!chip) {
        notes.push_back(
            fmt::format("the NVIDIA card at {} (10de:{:04x}) is of a chip that this llama-fleet does not know",
                        gpu.pci_address, gpu.device_id));
        return;
    }
    gpu.chip = std::string(*chip);
    const NvidiaChip* row = find_nvidia_chip(*chip);
    gpu.integrated = row->integrated;
    if (row->compute_capability.empty())
        notes.push_back(fmt::format("the compute capability of {} at {} is not published", *chip, gpu.pci_address));
    else gpu.compute_capability = std::string(row->compute_capability);
}

}  // namespace lf::probe
