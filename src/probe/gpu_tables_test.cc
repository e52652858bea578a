// SPDX-License-Identifier: MIT
// Our tables against what others say, where it is at hand, and doc/gpus.md, which is made of them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "probe/gpu_verdict_test.h"

namespace lf::probe {
namespace {

const std::string kSource = LLAMA_FLEET_SOURCE_DIR;
const std::string kShared = kSource + "/../shared/data";

struct Vendor {
    std::uint16_t id;
    std::string_view hex;
    std::string_view name;
};
constexpr std::array<Vendor, 3> kVendors = {
    {{0x10de, "10de", "NVIDIA"}, {0x1002, "1002", "AMD"}, {0x8086, "8086", "Intel"}}};

std::vector<std::vector<std::string>> table(const std::string& path) {
    std::vector<std::vector<std::string>> rows;
    const auto text = read_file(path);
    if (!text) return rows;
    for (const std::string_view line : lines(*text)) {
        if (line.starts_with('#')) continue;
        rows.emplace_back();
        for (const std::string_view cell : split(line, '\t')) rows.back().emplace_back(cell);
    }
    return rows;
}

TEST(GpuTables, IntelRangesAreInOrderDoNotOverlapAndNameChipsWeKnow) {
    std::uint32_t before = 0;
    std::set<std::string_view> used;
    for (const IntelIdRange& range : intel_id_ranges()) {
        EXPECT_GT(range.first, before) << range.chip;
        EXPECT_LE(range.first, range.last) << range.chip;
        before = range.last;
        EXPECT_NE(find_intel_chip(range.chip), nullptr) << range.chip;
        used.insert(range.chip);
    }
    for (const IntelChip& chip : intel_chips()) EXPECT_TRUE(used.contains(chip.chip)) << chip.chip;
}

TEST(GpuTables, EveryNvidiaIdOfPciIdsIsInTheBlockOfItsChip) {
    const auto texts = pci_ids_at_hand();
    if (texts.empty()) GTEST_SKIP() << "there is no /usr/share/misc/pci.ids";
    std::size_t seen = 0;
    for (const std::string& text : texts)
        for (const auto& [device, name] : devices_of(text, "10de")) {
            const auto chip = nvidia_chip_named(name);
            if (!chip || !is_display(0x10de, device, name)) continue;
            ++seen;
            // What came before CUDA is told by family, not by chip.
            const Judged judged = judge(0x10de, device, name);
            if (judged.verdict == Verdict::too_old && judged.target.empty()) continue;
            EXPECT_EQ(judged.chip, *chip) << fmt::format("{:04x} {}", device, name);
        }
    EXPECT_GT(seen, 500U);
}

TEST(GpuTables, EveryAmdIdOfPciIdsHasTheTargetOfItsName) {
    const auto texts = pci_ids_at_hand();
    if (texts.empty()) GTEST_SKIP() << "there is no /usr/share/misc/pci.ids";
    std::size_t seen = 0;
    for (const std::string& text : texts)
        for (const auto& [device, name] : devices_of(text, "1002")) {
            const auto named = amd_chip_named(name);
            if (!named || !is_display(0x1002, device, name) || name.find("MI35") != std::string::npos) continue;
            ++seen;
            EXPECT_EQ(judge(0x1002, device, name).target, find_amd_chip(*named)->gfx_target)
                << fmt::format("{:04x} {}", device, name);
        }
    EXPECT_GT(seen, 100U);
}

TEST(GpuTables, CapabilitiesAgreeWithThePublishedTable) {
    const auto rows = table(kShared + "/gpu/nvidia-codename-cc.tsv");
    if (rows.empty()) GTEST_SKIP() << "no ../shared/data/gpu here";
    for (const auto& row : rows) {
        if (row.at(6) == "UNVERIFIED") continue;
        const NvidiaChip* chip = find_nvidia_chip(row.at(0));
        ASSERT_NE(chip, nullptr) << row[0];
        EXPECT_EQ(chip->compute_capability, row[1]) << row[0];
    }
}

TEST(GpuTables, AmdTargetsAgreeWithThePublishedTable) {
    const auto rows = table(kShared + "/gpu/amd-codename-gfx.tsv");
    if (rows.empty()) GTEST_SKIP() << "no ../shared/data/gpu here";
    for (const auto& row : rows) {
        if (row.at(0).find('@') != std::string::npos) continue;  // by id: Amd.Mi350IsNotWhatItsNameSays
        const auto name = amd_chip_named(row[0]);
        ASSERT_TRUE(name.has_value()) << row[0];
        const AmdChip* chip = find_amd_chip(*name);
        EXPECT_EQ(chip->gfx_target, row[1]) << row[0];
        EXPECT_EQ(chip->integrated, row[2].starts_with("APU")) << row[0];
    }
}

/// The row's names of a family are alternatives: "Tiger Lake|TigerLake".
bool is_of(const std::string& families, std::string_view chip) {
    for (const std::string_view family : split(families, '|'))
        if (chip.starts_with(family)) return true;
    return false;
}

TEST(GpuTables, IntelFamiliesAgreeWithThePublishedTable) {
    const auto rows = table(kShared + "/gpu/intel-gpu-vulkan.tsv");
    if (rows.empty()) GTEST_SKIP() << "no ../shared/data/gpu here";
    std::size_t seen = 0;
    for (const auto& row : rows)
        for (const IntelChip& chip : intel_chips()) {
            if (!is_of(row.at(0), chip.chip)) continue;
            ++seen;
            EXPECT_EQ(chip.integrated, row[2] == "iGPU") << chip.chip;
            // "Xe-LPG (S/U) or Xe-LPG+ (H, with XMX)"
            EXPECT_NE(row[1].find(chip.architecture), std::string::npos) << chip.chip << ": " << row[1];
        }
    EXPECT_GT(seen, 12U);
}

TEST(GpuTables, EveryTargetIsOneThatLlvmHas) {
    const auto rows = table(kShared + "/gpu/amdgpu-elf-mach.tsv");
    if (rows.empty()) GTEST_SKIP() << "no ../shared/data/gpu here";
    std::set<std::string> known;
    for (const auto& row : rows) known.insert(row.at(1));
    for (const AmdChip& chip : amd_chips())
        EXPECT_TRUE(chip.gfx_target.empty() || known.contains(std::string(chip.gfx_target))) << chip.chip;
}

// --- doc/gpus.md -----------------------------------------------------------------------------------------------------

struct Counted {
    std::map<std::string, std::pair<Judged, std::size_t>> chips;
    std::map<Verdict, std::size_t> verdicts;
    std::string unknown;
    std::size_t all = 0;
};

Counted count(const Vendor& vendor, std::string_view pci_ids) {
    Counted out;
    for (const auto& [device, name] : devices_of(pci_ids, vendor.hex)) {
        if (!is_display(vendor.id, device, name)) continue;
        const Judged judged = judge(vendor.id, device, name);
        ++out.all;
        ++out.verdicts[judged.verdict];
        if (judged.verdict == Verdict::unknown) out.unknown += fmt::format("- `{:04x}` {}\n", device, name);
        else ++out.chips.try_emplace(judged.chip, judged, 0).first->second.second;
    }
    return out;
}

std::string section(const std::string& pci_ids) {
    std::string out = fmt::format("## pci.ids of {}\n\n", version_of(pci_ids));
    out +=
        "| vendor | display ids | target | Vulkan | too old | no driver | not published | unknown "
        "by name |\n|---|---|---|---|---|---|---|---|\n";
    std::string unknown;
    for (const Vendor& vendor : kVendors) {
        Counted counted = count(vendor, pci_ids);
        out += fmt::format("| {} | {} |", vendor.name, counted.all);
        for (const Verdict each : {Verdict::target, Verdict::vulkan, Verdict::too_old, Verdict::no_driver,
                                   Verdict::unpublished, Verdict::unknown})
            out += fmt::format(" {} |", counted.verdicts[each]);
        out += "\n";
        if (!counted.unknown.empty())
            unknown += fmt::format("\n{}, unknown by name:\n\n{}", vendor.name, counted.unknown);
    }
    return out + unknown + "\n";
}

std::string ids_of(const auto& ranges, std::string_view chip) {
    std::string out;
    for (const auto& range : ranges) {
        if (range.chip != chip) continue;
        if (!out.empty()) out += ", ";
        out += range.first == range.last ? fmt::format("{:04x}", range.first)
                                         : fmt::format("{:04x}-{:04x}", range.first, range.last);
    }
    return out.empty() ? "not on PCI, or by name" : out;
}

std::string row(std::string_view chip, std::string_view architecture, bool integrated, const Judged& judged,
                const std::string& ids) {
    return fmt::format("| {} | {} | {} | {} | {} | {} |\n", chip, architecture, integrated ? "yes" : "",
                       words_of(judged.verdict), judged.target, ids);
}

/// Judged by the first of its ids, else by its name.
template <typename Ranges>
std::uint16_t first_id(const Ranges& ranges, std::string_view chip) {
    for (const auto& range : ranges)
        if (range.chip == chip) return range.first;
    return 0xffff;
}

std::string chips_text() {
    const std::string head =
        "| chip | architecture | integrated | verdict | target | ids |\n|---|---|---|---|---|---|\n";
    std::string out = "## NVIDIA\n\n" + head;
    for (const NvidiaChip& chip : nvidia_chips())
        out += row(chip.chip, chip.architecture, chip.integrated,
                   judge(0x10de, first_id(nvidia_id_ranges(), chip.chip), std::string(chip.chip)),
                   ids_of(nvidia_id_ranges(), chip.chip));
    out += "\n## AMD\n\n" + head;
    for (const AmdChip& chip : amd_chips())
        out += row(chip.chip, chip.architecture, chip.integrated,
                   judge(0x1002, first_id(amd_id_ranges(), chip.chip), std::string(chip.chip)),
                   ids_of(amd_id_ranges(), chip.chip));
    out += "\n## Intel\n\n" + head;
    for (const IntelChip& chip : intel_chips())
        out += row(chip.chip, chip.architecture, chip.integrated,
                   judge(0x8086, first_id(intel_id_ranges(), chip.chip), std::string(chip.chip)),
                   ids_of(intel_id_ranges(), chip.chip));
    return out + "\n";
}

constexpr std::string_view kHead =
    "# GPUs that llama-fleet knows\n\n"
    "Made by `LLAMA_FLEET_ACCEPT=1 ctest --test-dir build/dev -R gpu_tables`; the tables are `src/probe/gpu_*`.\n\n"
    "No driver is needed to tell a card: its PCI id names the chip, the chip its target. Where the system's `pci.ids` "
    "is\n"
    "older than the card, the id still lies in a block of the tables. *target*: CUDA or ROCm can be built for it.\n"
    "*Vulkan*: there is some Vulkan driver, but llama.cpp has no CUDA or ROCm for it; whether a plan uses it, the\n"
    "[rules](rules.md) say. *too old*: neither. *no driver*: new, but no Vulkan driver serves it. *not published*: the "
    "chip\n"
    "is known, its capability is not. What the kernel or NVML says of a card wins over these tables.\n\n";

TEST(GpuTables, EveryDisplayIdOfPciIdsHasAVerdict) {
    const std::string path = kSource + "/doc/gpus.md";
    const std::vector<std::string> texts = pci_ids_at_hand();
    if (std::getenv("LLAMA_FLEET_ACCEPT") != nullptr) {
        std::string out = std::string(kHead) + chips_text();
        for (const std::string& text : texts) out += section(text);
        ASSERT_TRUE(write_file_atomically(path, std::string(trim(out)) + "\n").has_value());
        GTEST_SKIP() << "accepted: doc/gpus.md";
    }
    const std::string doc = read_file(path).value_or("");
    EXPECT_TRUE(doc.starts_with(std::string(kHead) + chips_text())) << "doc/gpus.md is old: LLAMA_FLEET_ACCEPT=1";
    if (texts.empty()) GTEST_SKIP() << "there is no /usr/share/misc/pci.ids";
    for (const std::string& text : texts) {
        // A pci.ids newer than the page: what it adds must be known by block or by name all the same.
        const bool on_page = doc.find("pci.ids of " + version_of(text)) != std::string::npos;
        EXPECT_TRUE(!on_page || doc.find(std::string(trim(section(text)))) != std::string::npos) << section(text);
        for (const Vendor& vendor : kVendors) {
            Counted counted = count(vendor, text);
            EXPECT_GT(counted.all, 200U) << vendor.name;
            EXPECT_LE(counted.verdicts[Verdict::unknown] * 100, counted.all * 2) << vendor.name << "\n"
                                                                                 << counted.unknown;
        }
    }
}

}  // namespace
}  // namespace lf::probe
