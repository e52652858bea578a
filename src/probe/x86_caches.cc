// SPDX-License-Identifier: MIT
// Intel SDM vol. 2A, CPUID, leaves 2 (table 3-12) and 4; AMD APM vol. 3, E.4.4, E.4.5 and E.4.15.
#include "probe/x86_caches.h"

#include <array>
#include <bit>
#include <set>

#include "probe/leaves.h"

namespace lf::probe {
namespace {

constexpr unsigned kMaxSubleaves = 16;

/// Of a fully associative cache: as many as it has lines; nullopt: more than any has, so its numbers are rubbish.
std::optional<int> ways_of_all(std::uint64_t bytes, std::uint32_t line) {
    constexpr std::uint64_t kMost = 1 << 16;
    const std::uint64_t lines = bytes / line;
    return lines <= kMost ? std::optional(static_cast<int>(lines)) : std::nullopt;
}

SeenCache seen(int level, std::string type, std::int64_t kib, std::optional<int> ways, std::optional<int> line) {
    return {{level, std::move(type), kib, ways, line, std::nullopt}, std::nullopt};
}

/// Leaf 4, or AMD's of the same form.
std::vector<SeenCache> deterministic(const MachineSource& source, int cpu, std::uint32_t number) {
    constexpr std::string_view kTypes[] = {"", "data", "instruction", "unified"};
    std::vector<SeenCache> out;
    for (unsigned subleaf = 0; subleaf < kMaxSubleaves; ++subleaf) {
        const auto found = leaf(source, cpu, number, subleaf);
        const std::uint32_t type = found ? bits(found->eax, 0, 5) : 0;
        const std::uint32_t level = found ? bits(found->eax, 5, 3) : 0;
        if (type == 0 || level == 0) break;
        if (type > 3 || level > 4) continue;
        const auto ways = static_cast<int>(bits(found->ebx, 22, 10) + 1);
        const auto line = static_cast<int>(bits(found->ebx, 0, 12) + 1);
        const std::uint64_t bytes = std::uint64_t{bits(found->ebx, 12, 10) + 1} * static_cast<unsigned>(ways) *
                                    static_cast<unsigned>(line) * (std::uint64_t{found->ecx} + 1);
        if (bytes < 1024 || bytes > (std::uint64_t{1} << 40)) continue;  // no such cache: a hypervisor's rubbish
        const bool full = bits(found->eax, 9, 1) != 0;
        out.push_back(seen(static_cast<int>(level), std::string(kTypes[type]), static_cast<std::int64_t>(bytes >> 10),
                           full ? ways_of_all(bytes, static_cast<unsigned>(line)) : std::optional(ways), line));
        out.back().sharing_bits = bits_for(bits(found->eax, 14, 12) + 1);
    }
    return out;
}

// --- AMD before the topology extensions ---

/// Ways by the code of 0x80000006; nullopt: disabled or reserved. 0 stands for fully associative.
std::optional<int> amd_ways(std::uint32_t code) {
    constexpr std::array<int, 16> kWays = {-1, 1, 2, 3, 4, 6, 8, -1, 16, -1, 32, 48, 64, 96, 128, 0};
    return kWays.at(code) < 0 ? std::nullopt : std::optional(kWays.at(code));
}

void add_amd(std::vector<SeenCache>& out, int level, std::string type, std::int64_t kib, std::optional<int> ways,
             std::uint32_t line) {
    if (kib == 0 || line == 0) return;
    if (ways == 0) ways = ways_of_all(static_cast<std::uint64_t>(kib) * 1024, line);
    out.push_back(seen(level, std::move(type), kib, ways, static_cast<int>(line)));
}

/// The byte of 0x80000005: the ways as they are, 0xff for fully associative.
std::optional<int> level_1_ways(std::uint32_t value) {
    const std::uint32_t ways = bits(value, 16, 8);
    if (ways == 0) return std::nullopt;
    return ways == 0xff ? 0 : static_cast<int>(ways);
}

std::vector<SeenCache> amd_legacy(const MachineSource& source, int cpu) {
    std::vector<SeenCache> out;
    if (const auto first = leaf(source, cpu, 0x80000005)) {
        add_amd(out, 1, "data", bits(first->ecx, 24, 8), level_1_ways(first->ecx), bits(first->ecx, 0, 8));
        add_amd(out, 1, "instruction", bits(first->edx, 24, 8), level_1_ways(first->edx), bits(first->edx, 0, 8));
    }
    if (const auto rest = leaf(source, cpu, 0x80000006)) {
        add_amd(out, 2, "unified", bits(rest->ecx, 16, 16), amd_ways(bits(rest->ecx, 12, 4)), bits(rest->ecx, 0, 8));
        add_amd(out, 3, "unified", std::int64_t{bits(rest->edx, 18, 14)} * 512, amd_ways(bits(rest->edx, 12, 4)),
                bits(rest->edx, 0, 8));
    }
    // Each core has its own, but for the modules of family 0x15, which share code and the second level.
    const bool modules = bits(leaf(source, cpu, 1).value_or(Registers{}).eax, 20, 8) == 6;
    for (SeenCache& seen : out)
        if (seen.cache.type == "data" || (!modules && seen.cache.level < 3)) seen.sharing_bits = 0;
    return out;
}

// --- Intel before leaf 4 ---

struct Descriptor {
    std::uint8_t code;
    int level;
    std::string_view type;
    int kib, ways, line;  ///< line 0: a trace cache, which has none (its size is in 1024 micro-operations)
};

constexpr auto kDescriptors = std::to_array<Descriptor>({
    {0x06, 1, "instruction", 8, 4, 32},  {0x08, 1, "instruction", 16, 4, 32}, {0x09, 1, "instruction", 32, 4, 64},
    {0x0a, 1, "data", 8, 2, 32},         {0x0c, 1, "data", 16, 4, 32},        {0x0d, 1, "data", 16, 4, 64},
    {0x0e, 1, "data", 24, 6, 64},        {0x1d, 2, "unified", 128, 2, 64},    {0x21, 2, "unified", 256, 8, 64},
    {0x22, 3, "unified", 512, 4, 64},    {0x23, 3, "unified", 1024, 8, 64},   {0x24, 2, "unified", 1024, 16, 64},
    {0x25, 3, "unified", 2048, 8, 64},   {0x29, 3, "unified", 4096, 8, 64},   {0x2c, 1, "data", 32, 8, 64},
    {0x30, 1, "instruction", 32, 8, 64}, {0x39, 2, "unified", 128, 4, 64},    {0x3a, 2, "unified", 192, 6, 64},
    {0x3b, 2, "unified", 128, 2, 64},    {0x3c, 2, "unified", 256, 4, 64},    {0x3d, 2, "unified", 384, 6, 64},
    {0x3e, 2, "unified", 512, 4, 64},    {0x41, 2, "unified", 128, 4, 32},    {0x42, 2, "unified", 256, 4, 32},
    {0x43, 2, "unified", 512, 4, 32},    {0x44, 2, "unified", 1024, 4, 32},   {0x45, 2, "unified", 2048, 4, 32},
    {0x46, 3, "unified", 4096, 4, 64},   {0x47, 3, "unified", 8192, 8, 64},   {0x48, 2, "unified", 3072, 12, 64},
    {0x4a, 3, "unified", 6144, 12, 64},  {0x4b, 3, "unified", 8192, 16, 64},  {0x4c, 3, "unified", 12288, 12, 64},
    {0x4d, 3, "unified", 16384, 16, 64}, {0x4e, 2, "unified", 6144, 24, 64},  {0x60, 1, "data", 16, 8, 64},
    {0x66, 1, "data", 8, 4, 64},         {0x67, 1, "data", 16, 4, 64},        {0x68, 1, "data", 32, 4, 64},
    {0x70, 1, "instruction", 12, 8, 0},  {0x71, 1, "instruction", 16, 8, 0},  {0x72, 1, "instruction", 32, 8, 0},
    {0x73, 1, "instruction", 64, 8, 0},  {0x78, 2, "unified", 1024, 4, 64},   {0x79, 2, "unified", 128, 8, 64},
    {0x7a, 2, "unified", 256, 8, 64},    {0x7b, 2, "unified", 512, 8, 64},    {0x7c, 2, "unified", 1024, 8, 64},
    {0x7d, 2, "unified", 2048, 8, 64},   {0x7f, 2, "unified", 512, 2, 64},    {0x80, 2, "unified", 512, 8, 64},
    {0x82, 2, "unified", 256, 8, 32},    {0x83, 2, "unified", 512, 8, 32},    {0x84, 2, "unified", 1024, 8, 32},
    {0x85, 2, "unified", 2048, 8, 32},   {0x86, 2, "unified", 512, 4, 64},    {0x87, 2, "unified", 1024, 8, 64},
    {0xd0, 3, "unified", 512, 4, 64},    {0xd1, 3, "unified", 1024, 4, 64},   {0xd2, 3, "unified", 2048, 4, 64},
    {0xd6, 3, "unified", 1024, 8, 64},   {0xd7, 3, "unified", 2048, 8, 64},   {0xd8, 3, "unified", 4096, 8, 64},
    {0xdc, 3, "unified", 1536, 12, 64},  {0xdd, 3, "unified", 3072, 12, 64},  {0xde, 3, "unified", 6144, 12, 64},
    {0xe2, 3, "unified", 2048, 16, 64},  {0xe3, 3, "unified", 4096, 16, 64},  {0xe4, 3, "unified", 8192, 16, 64},
    {0xea, 3, "unified", 12288, 24, 64}, {0xeb, 3, "unified", 18432, 24, 64}, {0xec, 3, "unified", 24576, 24, 64},
});

/// 0x49 is a cache of level 3 on one CPU (Xeon MP, family 15 model 6) and of level 2 on all others.
Descriptor descriptor_49(const MachineSource& source, int cpu) {
    const auto leaf_1 = leaf(source, cpu, 1).value_or(Registers{});
    const bool xeon_mp = bits(leaf_1.eax, 8, 4) == 0xf && bits(leaf_1.eax, 4, 4) == 6;
    return {0x49, xeon_mp ? 3 : 2, "unified", 4096, 16, 64};
}

std::vector<SeenCache> descriptors(const MachineSource& source, int cpu) {
    const auto found = leaf(source, cpu, 2);
    if (!found) return {};
    std::set<std::uint32_t> codes;
    for (std::uint32_t value : {found->eax & 0xffffff00, found->ebx, found->ecx, found->edx})
        if (bits(value, 31, 1) == 0)
            for (; value != 0; value >>= 8) codes.insert(value & 0xff);
    std::vector<SeenCache> out;
    const auto add = [&](const Descriptor& row) {
        out.push_back(seen(row.level, std::string(row.type), row.kib, row.ways,
                           row.line > 0 ? std::optional(row.line) : std::nullopt));
    };
    for (const Descriptor& row : kDescriptors)
        if (codes.contains(row.code)) add(row);
    if (codes.contains(0x49)) add(descriptor_49(source, cpu));
    return out;
}

}  // namespace

unsigned bits_for(std::uint32_t count) { return count <= 1 ? 0 : static_cast<unsigned>(std::bit_width(count - 1)); }

std::vector<SeenCache> x86_caches(const MachineSource& source, int cpu) {
    const std::string vendor = vendor_of(source, cpu);
    if (vendor == "AuthenticAMD" || vendor == "HygonGenuine") {
        const auto extended = leaf(source, cpu, 0x80000001).value_or(Registers{});
        std::vector<SeenCache> out;
        if (bits(extended.ecx, 22, 1) != 0) out = deterministic(source, cpu, 0x8000001d);
        std::vector<SeenCache> legacy = amd_legacy(source, cpu);
        return out.size() < legacy.size() ? legacy : out;  // a dump may hold the first subleaf only
    }
    std::vector<SeenCache> out = deterministic(source, cpu, 4);
    return out.empty() && vendor == "GenuineIntel" ? descriptors(source, cpu) : out;
}

}  // namespace lf::probe
