// SPDX-License-Identifier: MIT
#include "probe/gpu_kfd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::string_view kKfdNodes = "/sys/class/kfd/kfd/topology/nodes";
constexpr std::size_t kMaxNodes = 1024;
constexpr std::size_t kMaxProperties = 1 << 16;

struct CoreTarget {
    GraphicsCore core;
    std::string_view gfx;
};

// kfd_device.c, kgd2kfd_probe: which IP version gets which gfx_target_version.
constexpr auto kCores = std::to_array<CoreTarget>({
    {{9, 0, 1}, "gfx900"},   {{9, 1, 0}, "gfx902"},   {{9, 2, 1}, "gfx904"},   {{9, 2, 2}, "gfx902"},
    {{9, 3, 0}, "gfx90c"},   {{9, 4, 0}, "gfx906"},   {{9, 4, 1}, "gfx908"},   {{9, 4, 2}, "gfx90a"},
    {{9, 4, 3}, "gfx942"},   {{9, 4, 4}, "gfx942"},   {{9, 5, 0}, "gfx950"},   {{10, 1, 1}, "gfx1012"},
    {{10, 1, 2}, "gfx1011"}, {{10, 1, 3}, "gfx1013"}, {{10, 1, 4}, "gfx1013"}, {{10, 1, 10}, "gfx1010"},
    {{10, 3, 0}, "gfx1030"}, {{10, 3, 1}, "gfx1033"}, {{10, 3, 2}, "gfx1031"}, {{10, 3, 3}, "gfx1035"},
    {{10, 3, 4}, "gfx1032"}, {{10, 3, 5}, "gfx1034"}, {{10, 3, 6}, "gfx1036"}, {{10, 3, 7}, "gfx1036"},
    {{11, 0, 0}, "gfx1100"}, {{11, 0, 1}, "gfx1103"}, {{11, 0, 2}, "gfx1102"}, {{11, 0, 3}, "gfx1101"},
    {{11, 0, 4}, "gfx1103"}, {{11, 5, 0}, "gfx1150"}, {{11, 5, 1}, "gfx1151"}, {{11, 5, 2}, "gfx1152"},
    {{11, 5, 3}, "gfx1153"}, {{11, 5, 4}, "gfx1154"}, {{11, 5, 6}, "gfx1154"}, {{11, 7, 0}, "gfx1170"},
    {{12, 0, 0}, "gfx1200"}, {{12, 0, 1}, "gfx1201"},
});

/// The number behind `key` in lines of "key number".
std::optional<std::uint64_t> property(std::string_view text, std::string_view key) {
    for (const std::string_view line : lines(text))
        if (line.starts_with(key) && line.substr(key.size(), 1) == " ")
            return parse_unsigned(trim(line.substr(key.size())));
    return std::nullopt;
}

}  // namespace

std::optional<std::string> gfx_of_target_version(std::uint64_t version) {
    const std::uint64_t major = version / 10000;
    const std::uint64_t minor = version / 100 % 100;
    const std::uint64_t stepping = version % 100;
    if (major == 0 || major > 99 || minor > 15 || stepping > 15) return std::nullopt;
    return fmt::format("gfx{}{:x}{:x}", major, minor, stepping);
}

KfdCards kfd_cards(const FileSource& files) {
    KfdCards out;
    const auto nodes = files.list(std::string(kKfdNodes));
    if (!nodes) return out;
    out.complete = !nodes->empty() && nodes->size() <= kMaxNodes;
    for (std::size_t i = 0; i < nodes->size() && i < kMaxNodes; ++i) {
        // A node that a container may not see answers with EPERM: then the table has the last word.
        const auto text = files.read(fmt::format("{}/{}/properties", kKfdNodes, (*nodes)[i]));
        const bool readable = text && text->size() <= kMaxProperties;
        const auto version = readable ? property(*text, "gfx_target_version") : std::nullopt;
        const auto simds = readable ? property(*text, "simd_count") : std::nullopt;
        if (version == 0U && simds.value_or(0) == 0) continue;  // a CPU
        const auto target = gfx_of_target_version(version.value_or(0));
        // bus << 8 | device << 3 | function; of a card in partitions the four highest bits number them.
        auto location = readable ? property(*text, "location_id") : std::nullopt;
        if (location) *location &= 0x0fffffff;
        const std::uint64_t domain = readable ? property(*text, "domain").value_or(0) : 0;
        if (!target || !location || *location > 0xffff || domain > 0xffffffff) {
            out.complete = false;
            continue;
        }
        out.targets[fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, *location >> 8, (*location >> 3) & 0x1f,
                                *location & 7)] = *target;
    }
    return out;
}

std::optional<std::string> gfx_of_graphics_core(const GraphicsCore& core) {
    const auto* found = std::find_if(kCores.begin(), kCores.end(), [&](const auto& row) { return row.core == core; });
    if (found == kCores.end()) return std::nullopt;
    return std::string(found->gfx);
}

std::optional<GraphicsCore> graphics_core(const FileSource& files, const std::string& folder) {
    const std::string place = folder + "/ip_discovery/die/0/GC/0/";
    const auto major = read_number(files, place + "major", 10);
    const auto minor = read_number(files, place + "minor", 10);
    const auto revision = read_number(files, place + "revision", 10);
    if (!major || !minor || !revision) return std::nullopt;
    return GraphicsCore{*major, *minor, *revision};
}

}  // namespace lf::probe
