// SPDX-License-Identifier: MIT
// The table of ids is needed because names mislead: pci.ids calls MI350X, MI355X and MI350P "Aqua Vanjaram" like
// MI300X, but they are another generation (gfx950, not gfx942), and dozens of ids are in no pci.ids. Targets: LLVM's
// AMDGPU usage guide and the kernel's gfx_target_version (drivers/gpu/drm/amd/amdkfd/kfd_device.c). Ids that no list
// has are covered where the neighbours on both sides are one chip.
#include "probe/gpu_amd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr auto kRanges = std::to_array<AmdIdRange>({
    {0x1114, 0x1114, "Krackan"},    {0x1304, 0x1307, "Kaveri"},         {0x1309, 0x1313, "Kaveri"},
    {0x1315, 0x131d, "Kaveri"},     {0x13c0, 0x13c0, "Granite Ridge"},  {0x13db, 0x13db, "Cyan Skillfish"},
    {0x13e9, 0x13e9, "Ariel"},      {0x13f9, 0x13f9, "Oberon"},         {0x13fa, 0x13fe, "Cyan Skillfish"},
    {0x1435, 0x1435, "Sephiroth"},  {0x143f, 0x143f, "Cyan Skillfish"}, {0x1506, 0x1506, "Mendocino"},
    {0x150e, 0x150e, "Strix"},      {0x1586, 0x1586, "Strix Halo"},     {0x15bf, 0x15bf, "Phoenix1"},
    {0x15c8, 0x15c8, "Phoenix2"},   {0x15d8, 0x15d8, "Picasso"},        {0x15dd, 0x15dd, "Raven Ridge"},
    {0x15e7, 0x15e7, "Barcelo"},    {0x1636, 0x1636, "Renoir"},         {0x1638, 0x1638, "Cezanne"},
    {0x163f, 0x163f, "VanGogh"},    {0x164c, 0x164c, "Lucienne"},       {0x164d, 0x164d, "Rembrandt"},
    {0x164e, 0x164e, "Raphael"},    {0x164f, 0x164f, "Phoenix"},        {0x1681, 0x1681, "Rembrandt"},
    {0x1900, 0x1900, "HawkPoint1"}, {0x1901, 0x1901, "HawkPoint2"},     {0x1902, 0x1902, "Krackan2"},
    {0x6640, 0x665f, "Bonaire"},    {0x66a0, 0x66af, "Vega 20"},        {0x67a0, 0x67be, "Hawaii"},
    {0x67c0, 0x67df, "Ellesmere"},  {0x67e0, 0x67ff, "Baffin"},         {0x6860, 0x687f, "Vega 10"},
    {0x6900, 0x6907, "Topaz"},      {0x6920, 0x693b, "Tonga"},          {0x694c, 0x694f, "Polaris 22"},
    {0x6980, 0x699f, "Lexa"},       {0x69a0, 0x69af, "Vega 12"},        {0x6fdf, 0x6fdf, "Polaris 20"},
    {0x7300, 0x730f, "Fiji"},       {0x7310, 0x731f, "Navi 10"},        {0x7340, 0x734f, "Navi 14"},
    {0x7360, 0x7362, "Navi 12"},    {0x7388, 0x7390, "Arcturus"},       {0x73a0, 0x73bf, "Navi 21"},
    {0x73c0, 0x73df, "Navi 22"},    {0x73e0, 0x73ef, "Navi 23"},        {0x73f0, 0x73f0, "Navi 33"},
    {0x73ff, 0x73ff, "Navi 23"},    {0x7408, 0x7410, "Aldebaran"},      {0x7420, 0x743f, "Navi 24"},
    {0x7440, 0x745e, "Navi 31"},    {0x7460, 0x747e, "Navi 32"},        {0x7480, 0x749f, "Navi 33"},
    {0x74a0, 0x74a0, "MI300A"},     {0x74a1, 0x74bd, "Aqua Vanjaram"},  {0x7550, 0x7551, "Navi 48"},
    {0x7590, 0x7590, "Navi 44"},    {0x75a0, 0x75a8, "MI350"},          {0x9830, 0x983f, "Kabini"},
    {0x9850, 0x985f, "Mullins"},    {0x9870, 0x9877, "Wani"},           {0x98e4, 0x98e4, "Stoney"},
});

// The third column: on one package with the CPU, sharing its memory.
constexpr auto kChips = std::to_array<AmdChip>({
    {"Tahiti", "gfx600", false},     {"Pitcairn", "gfx601", false},   {"Cape Verde", "gfx601", false},
    {"Oland", "gfx602", false},      {"Hainan", "gfx602", false},     {"Kaveri", "gfx700", true},
    {"Hawaii", "gfx701", false},     {"Kabini", "gfx703", true},      {"Mullins", "gfx703", true},
    {"Bonaire", "gfx704", false},    {"Carrizo", "gfx801", true},     {"Wani", "gfx801", true},
    {"Stoney", "gfx810", true},      {"Topaz", "gfx802", false},      {"Meso XT", "gfx802", false},
    {"Tonga", "gfx802", false},      {"Amethyst", "gfx802", false},   {"Fiji", "gfx803", false},
    {"Ellesmere", "gfx803", false},  {"Polaris 20", "gfx803", false}, {"Baffin", "gfx803", false},
    {"Lexa", "gfx803", false},       {"Polaris12", "gfx803", false},  {"Polaris 22", "gfx803", false},
    {"Vega 10", "gfx900", false},    {"Vega 12", "gfx904", false},    {"Vega 20", "gfx906", false},
    {"Raven Ridge", "gfx902", true}, {"Picasso", "gfx902", true},     {"Renoir", "gfx90c", true},
    {"Lucienne", "gfx90c", true},    {"Cezanne", "gfx90c", true},     {"Barcelo", "gfx90c", true},
    {"Arcturus", "gfx908", false},   {"Aldebaran", "gfx90a", false},  {"Aqua Vanjaram", "gfx942", false},
    {"MI300A", "gfx942", true},      {"MI350", "gfx950", false},      {"Navi 10", "gfx1010", false},
    {"TDC-150", "gfx1010", false},   {"Navi 12", "gfx1011", false},   {"Navi 14", "gfx1012", false},
    {"Ariel", "gfx1013", true},      {"Oberon", "gfx1013", true},     {"Cyan Skillfish", "gfx1013", true},
    {"Navi 21", "gfx1030", false},   {"Navi 22", "gfx1031", false},   {"Navi 23", "gfx1032", false},
    {"VanGogh", "gfx1033", true},    {"Sephiroth", "gfx1033", true},  {"Navi 24", "gfx1034", false},
    {"Rembrandt", "gfx1035", true},  {"Raphael", "gfx1036", true},    {"Granite Ridge", "gfx1036", true},
    {"Mendocino", "gfx1036", true},  {"Navi 31", "gfx1100", false},   {"Navi 32", "gfx1101", false},
    {"Navi 33", "gfx1102", false},   {"Phoenix1", "gfx1103", true},   {"Phoenix2", "gfx1103", true},
    {"Phoenix", "gfx1103", true},    {"HawkPoint1", "gfx1103", true}, {"HawkPoint2", "gfx1103", true},
    {"Strix", "gfx1150", true},      {"Strix Halo", "gfx1151", true}, {"Krackan", "gfx1152", true},
    {"Krackan2", "gfx1153", true},   {"Navi 44", "gfx1200", false},   {"Navi 48", "gfx1201", false},
});

constexpr std::string_view kKfdNodes = "/sys/class/kfd/kfd/topology/nodes";
constexpr std::size_t kMaxNodes = 1024;

/// The number behind `key` in lines of "key number".
std::optional<std::uint64_t> property(std::string_view text, std::string_view key) {
    for (const std::string_view line : lines(text))
        if (line.starts_with(key) && line.substr(key.size(), 1) == " ")
            return parse_unsigned(trim(line.substr(key.size())));
    return std::nullopt;
}

}  // namespace

std::span<const AmdIdRange> amd_id_ranges() { return kRanges; }
std::span<const AmdChip> amd_chips() { return kChips; }

const AmdChip* find_amd_chip(std::string_view chip) {
    const auto* found = std::find_if(kChips.begin(), kChips.end(), [&](const auto& row) { return row.chip == chip; });
    return found == kChips.end() ? nullptr : found;
}

std::optional<std::string_view> amd_chip_of(std::uint16_t device) {
    const auto* found = std::find_if(kRanges.begin(), kRanges.end(), [&](const AmdIdRange& range) {
        return range.first <= device && device <= range.last;
    });
    if (found == kRanges.end()) return std::nullopt;
    return found->chip;
}

std::optional<std::string_view> amd_chip_named(std::string_view pci_name) {
    std::optional<std::string_view> best;
    for (const AmdChip& row : kChips) {
        if (!pci_name.starts_with(row.chip)) continue;
        const std::string_view rest = pci_name.substr(row.chip.size());
        if (!rest.empty() && std::string_view(" -/[").find(rest.front()) == std::string_view::npos) continue;
        if (!best || row.chip.size() > best->size()) best = row.chip;  // "Strix Halo" before "Strix"
    }
    return best;
}

std::optional<std::string> gfx_of_target_version(std::uint64_t version) {
    const std::uint64_t major = version / 10000;
    const std::uint64_t minor = version / 100 % 100;
    const std::uint64_t stepping = version % 100;
    if (major == 0 || major > 99 || minor > 15 || stepping > 15) return std::nullopt;
    return fmt::format("gfx{}{:x}{:x}", major, minor, stepping);
}

std::map<std::string, std::string> kfd_targets(const FileSource& files) {
    std::map<std::string, std::string> out;
    const auto nodes = files.list(std::string(kKfdNodes));
    if (!nodes) return out;
    for (std::size_t i = 0; i < nodes->size() && i < kMaxNodes; ++i) {
        // A node that a container may not see answers with EPERM: then the table has the last word.
        const auto text = files.read(fmt::format("{}/{}/properties", kKfdNodes, (*nodes)[i]));
        if (!text || text->size() > (1 << 16)) continue;
        const auto target = gfx_of_target_version(property(*text, "gfx_target_version").value_or(0));
        const auto location = property(*text, "location_id");  // bus << 8 | device << 3 | function
        const std::uint64_t domain = property(*text, "domain").value_or(0);
        if (!target || !location || *location > 0xffff || domain > 0xffffffff) continue;
        out[fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, *location >> 8, (*location >> 3) & 0x1f, *location & 7)] =
            *target;
    }
    return out;
}

void describe_amd(facts::Gpu& gpu, const std::map<std::string, std::string>& kfd, std::vector<std::string>& notes) {
    auto chip = amd_chip_of(gpu.device_id);
    if (!chip && gpu.name) chip = amd_chip_named(*gpu.name);
    const AmdChip* row = chip ? find_amd_chip(*chip) : nullptr;
    if (row != nullptr) {
        gpu.chip = std::string(row->chip);
        gpu.gfx_target = std::string(row->gfx_target);
        gpu.integrated = row->integrated;
    }
    const auto found = kfd.find(gpu.pci_address);
    if (found != kfd.end()) {
        if (gpu.gfx_target && *gpu.gfx_target != found->second)
            notes.push_back(fmt::format("the kernel calls the card at {} {}, our table says {}: the kernel is believed",
                                        gpu.pci_address, found->second, *gpu.gfx_target));
        gpu.gfx_target = found->second;
    }
    if (!gpu.gfx_target)
        notes.push_back(fmt::format("the AMD card at {} (1002:{:04x}) is of a chip that this llama-fleet does not know",
                                    gpu.pci_address, gpu.device_id));
}

}  // namespace lf::probe
