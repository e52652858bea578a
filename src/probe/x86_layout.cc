// SPDX-License-Identifier: MIT
// Every CPU has an APIC id; its low bits number the threads of a core, the bits above them the cores of a package.
// Intel SDM vol. 3A, 9.9 (leaves 0x1F, 0xB, 1 and 4); AMD APM vol. 3, E.4.17, E.4.22 and E.5 (0x80000026, 0x8000001E,
// 0x80000008). A dump of one CPU still declares how many there are, but not which of them share what.
#include "probe/x86_layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "probe/core_names.h"
#include "probe/leaves.h"
#include "probe/x86_caches.h"

namespace lf::probe {
namespace {

constexpr unsigned kMaxLevels = 8;

/// Where one CPU stands.
struct Place {
    std::optional<std::uint32_t> apic;
    unsigned thread_bits = 0, package_bits = 0;
    int logical = 1;   ///< declared, of the package
    int cores = 1;     ///< declared, of the package
    bool told = true;  ///< are these two known, or was the leaf that counts them not recorded?
};

bool is_amd(const std::string& vendor) { return vendor == "AuthenticAMD" || vendor == "HygonGenuine"; }

/// Leaf 0x1F or 0xB.
std::optional<Place> by_topology_leaf(const MachineSource& source, int cpu, std::uint32_t number) {
    Place out;
    int threads = 0;
    int all = 0;
    bool whole = false;  // a dump may hold the first level only, that of threads
    for (unsigned level = 0; level < kMaxLevels; ++level) {
        const auto found = leaf(source, cpu, number, level);
        const std::uint32_t type = found ? bits(found->ecx, 8, 8) : 0;
        const auto count = found ? static_cast<int>(bits(found->ebx, 0, 16)) : 0;
        if (type == 0 || count == 0) {
            whole = whole || found;
            break;
        }
        whole = whole || type > 1;
        out.apic = found->edx;
        out.package_bits = bits(found->eax, 0, 5);
        if (type == 1) out.thread_bits = out.package_bits, threads = count;
        all = std::max(all, count);
    }
    if (!out.apic || threads == 0 || !whole) return std::nullopt;
    out.logical = all;
    out.cores = std::max(1, all / threads);
    return out;
}

/// AMD: 0x80000008 counts the threads of a package, 0x8000001E says how many share a core (family 0x17 and later; in
/// 0x15 it is the two cores of a module, which AMD counts as cores).
Place by_amd_leaves(const MachineSource& source, int cpu) {
    const Registers leaf_1 = leaf(source, cpu, 1).value_or(Registers{});
    const auto size = leaf(source, cpu, 0x80000008);
    const auto node = leaf(source, cpu, 0x8000001e);
    const bool topology = bits(leaf(source, cpu, 0x80000001).value_or(Registers{}).ecx, 22, 1) != 0;
    Place out;
    const bool many = bits(leaf_1.edx, 28, 1) != 0;
    out.apic = bits(leaf_1.ebx, 24, 8);
    if (!many || !size) return out;
    out.logical = static_cast<int>(bits(size->ecx, 0, 8)) + 1;
    out.package_bits =
        bits(size->ecx, 12, 4) != 0 ? bits(size->ecx, 12, 4) : bits_for(static_cast<std::uint32_t>(out.logical));
    std::uint32_t threads = 1;
    if (topology && node && bits(leaf_1.eax, 20, 8) >= 8) threads = bits(node->ebx, 8, 8) + 1;
    if (topology && node && node->eax != 0) out.apic = node->eax;
    out.thread_bits = bits_for(threads);
    out.cores = std::max(1, out.logical / static_cast<int>(threads));
    return out;
}

/// Leaf 1 counts the APIC ids of a package, leaf 4 those of its cores.
Place by_leaves_1_and_4(const MachineSource& source, int cpu) {
    const Registers leaf_1 = leaf(source, cpu, 1).value_or(Registers{});
    const auto leaf_4 = leaf(source, cpu, 4);
    Place out;
    out.apic = bits(leaf_1.ebx, 24, 8);
    // VIA's Isaiah counts its CPUs there, but does not set the flag (HTT) that says so.
    const bool isaiah = vendor_of(source, cpu) == "CentaurHauls" && bits(leaf_1.eax, 4, 8) == 0x6f;
    if (bits(leaf_1.edx, 28, 1) == 0 && !isaiah) return out;
    out.logical = std::max(1, static_cast<int>(bits(leaf_1.ebx, 16, 8)));
    out.told = leaf_4.has_value() || source.cpuid(cpu, 0, 0).value_or(Registers{}).eax < 4;
    out.cores = leaf_4 && bits(leaf_4->eax, 0, 5) != 0 ? static_cast<int>(bits(leaf_4->eax, 26, 6)) + 1 : 1;
    out.cores = std::min(out.cores, out.logical);
    out.package_bits = bits_for(static_cast<std::uint32_t>(out.logical));
    out.thread_bits = out.package_bits - bits_for(static_cast<std::uint32_t>(out.cores));
    if (isaiah) out.thread_bits = 0, out.package_bits = 32;  // one socket, one thread a core; its APIC ids have gaps
    return out;
}

Place place_of(const MachineSource& source, int cpu) {
    const std::string vendor = vendor_of(source, cpu);
    for (const std::uint32_t number : {0x1fU, 0xbU})
        if (const auto found = by_topology_leaf(source, cpu, number)) return *found;
    return is_amd(vendor) ? by_amd_leaves(source, cpu) : by_leaves_1_and_4(source, cpu);
}

/// Intel: a hybrid CPU says of each core which kind it is; one of the small kind without a cache of level 3 is of the
/// low-power island. AMD: 0x80000026 says that the cores differ, and this one's type.
std::optional<std::string> role_of(const MachineSource& source, int cpu, const std::vector<SeenCache>& caches) {
    const auto features = leaf(source, cpu, 7);
    if (vendor_of(source, cpu) == "GenuineIntel") {
        if (!features || bits(features->edx, 15, 1) == 0) return std::nullopt;
        const std::uint32_t type = bits(leaf(source, cpu, 0x1a).value_or(Registers{}).eax, 24, 8);
        if (type == 0x40) return "performance";
        if (type != 0x20) return std::nullopt;
        const bool third =
            std::any_of(caches.begin(), caches.end(), [](const SeenCache& c) { return c.cache.level == 3; });
        return third || caches.empty() ? "efficiency" : "low-power";  // no cache at all: its leaf was not recorded
    }
    constexpr std::string_view kTypes[] = {"performance", "efficiency", "low-power"};
    for (unsigned level = 0; level < kMaxLevels; ++level) {
        const auto found = leaf(source, cpu, 0x80000026, level);
        if (!found || bits(found->ecx, 8, 8) == 0) break;
        const std::uint32_t type = bits(found->ebx, 28, 4);
        if (bits(found->ecx, 8, 8) == 1 && bits(found->eax, 30, 1) != 0 && type < 3) return std::string(kTypes[type]);
    }
    return std::nullopt;
}

struct Cpu {
    int number = 0;
    Place place;
    std::optional<std::string> role;
    std::vector<SeenCache> caches;
};

std::vector<Cpu> read_cpus(const MachineSource& source) {
    std::vector<Cpu> out;
    for (const int number : source.cpuid_cpus()) {
        Cpu cpu{number, place_of(source, number), std::nullopt, x86_caches(source, number)};
        cpu.role = role_of(source, number, cpu.caches);
        out.push_back(std::move(cpu));
    }
    return out;
}

/// Do the APIC ids tell the CPUs apart? Not if a capture blanked them, and a single one says nothing of the others.
bool numbered(const std::vector<Cpu>& cpus) {
    std::set<std::uint32_t> seen;
    for (const Cpu& cpu : cpus)
        if (!cpu.place.apic || !seen.insert(*cpu.place.apic).second) return false;
    return cpus.size() > 1 || (cpus.size() == 1 && cpus.front().place.logical == 1);
}

std::uint32_t above(std::uint32_t apic, unsigned low) { return low >= 32 ? 0 : apic >> low; }

/// More different caches than any machine has: what comes after them is rubbish, and facts could not hold it.
constexpr std::size_t kMaxCaches = 64;

/// The caches of `cpus`, equal ones as one row.
std::vector<facts::Cache> merged_caches(const std::vector<const Cpu*>& cpus, bool by_apic) {
    std::vector<facts::Cache> out;
    std::vector<std::set<std::pair<unsigned, std::uint32_t>>> instances;
    std::vector<bool> told;
    for (const Cpu* cpu : cpus)
        for (const SeenCache& seen : cpu->caches) {
            auto at = static_cast<std::size_t>(std::find(out.begin(), out.end(), seen.cache) - out.begin());
            if (at == kMaxCaches) continue;
            if (at == out.size()) out.push_back(seen.cache), instances.emplace_back(), told.push_back(true);
            if (!seen.sharing_bits || !by_apic) told[at] = false;
            else instances[at].emplace(*seen.sharing_bits, above(*cpu->place.apic, *seen.sharing_bits));
        }
    for (std::size_t i = 0; i < out.size(); ++i)
        if (told[i]) out[i].instances = static_cast<int>(instances[i].size());
    std::stable_sort(out.begin(), out.end(), [](const facts::Cache& a, const facts::Cache& b) {
        return std::tie(a.level, a.type, b.kib) < std::tie(b.level, b.type, a.kib);
    });
    return out;
}

/// Cores of a group whose APIC ids say nothing: as many threads a core as its first CPU declares.
int cores_by_declaration(const Cpu& first, int logical) {
    const int threads = std::max(1, first.place.logical / std::max(1, first.place.cores));
    return logical % threads == 0 ? logical / threads : logical;
}

X86Group group_of(const std::vector<const Cpu*>& members, bool by_apic, bool alone) {
    X86Group out;
    const Cpu& first = *members.front();
    out.role = first.role;
    std::set<std::uint32_t> cores;
    for (const Cpu* cpu : members) {
        out.cpus.push_back(cpu->number);
        if (by_apic) cores.insert(above(*cpu->place.apic, cpu->place.thread_bits));
    }
    if (by_apic) out.package = above(*first.place.apic, first.place.package_bits);
    out.logical = alone ? first.place.logical : static_cast<int>(members.size());
    out.cores = alone     ? first.place.cores
                : by_apic ? static_cast<int>(cores.size())
                          : cores_by_declaration(first, out.logical);
    out.caches = merged_caches(members, by_apic);
    return out;
}

struct Layout {
    std::vector<X86Group> groups;
    std::vector<facts::Cache> caches;
    bool by_apic = false;
    bool alone = false;  ///< one dump, which declares how many CPUs the machine has
    bool told = true;    ///< does it?
};

Layout layout_of(const MachineSource& source) {
    const std::vector<Cpu> cpus = read_cpus(source);
    Layout out;
    out.by_apic = numbered(cpus);
    out.alone = cpus.size() == 1;
    out.told = !out.alone || cpus.front().place.told;
    std::vector<std::pair<std::optional<std::string>, std::uint32_t>> keys;
    std::vector<std::vector<const Cpu*>> members;
    std::vector<const Cpu*> all;
    for (const Cpu& cpu : cpus) {
        const std::uint32_t package = out.by_apic ? above(*cpu.place.apic, cpu.place.package_bits) : 0;
        const std::pair key(cpu.role, package);
        const auto at = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
        if (at == keys.size()) keys.push_back(key), members.emplace_back();
        members[at].push_back(&cpu);
        all.push_back(&cpu);
    }
    out.groups.reserve(members.size());
    for (const auto& group : members) out.groups.push_back(group_of(group, out.by_apic, out.alone));
    out.caches = merged_caches(all, out.by_apic);
    return out;
}

constexpr std::string_view kRoles[] = {"performance", "efficiency", "low-power"};

/// How capable a role is: 0 is the most.
std::size_t rank(const std::optional<std::string>& role) {
    return static_cast<std::size_t>(std::find(std::begin(kRoles), std::end(kRoles), role.value_or("")) -
                                    std::begin(kRoles));
}

std::vector<facts::CoreKind> kinds_of(const std::vector<X86Group>& groups, const facts::Cpu& cpu) {
    std::vector<facts::CoreKind> out;
    for (const X86Group& group : groups) {
        auto found = std::find_if(out.begin(), out.end(), [&](const auto& kind) { return kind.role == group.role; });
        if (found == out.end()) {
            out.push_back({group.role, core_name(cpu, group.role), std::nullopt, 0, 0});
            found = out.end() - 1;
        }
        found->cpus = found->cpus.value_or(0) + group.logical;
        found->cores = group.cores && found->cores ? std::optional(*found->cores + *group.cores) : std::nullopt;
    }
    std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return rank(a.role) < rank(b.role); });
    return out;
}

}  // namespace

std::vector<X86Group> x86_groups(const MachineSource& source) { return layout_of(source).groups; }

void read_x86_layout(const MachineSource& source, facts::Cpu& cpu) {
    const Layout layout = layout_of(source);
    int logical = 0;
    std::optional<int> cores = 0;
    std::set<std::optional<std::uint32_t>> packages;
    for (const X86Group& group : layout.groups) {
        logical += group.logical;
        cores = cores && group.cores ? std::optional(*cores + *group.cores) : std::nullopt;
        packages.insert(group.package);
    }
    if (!cpu.cpus && layout.told) cpu.cpus = logical;
    // A container may be allowed a few of the online CPUs only: what these few tell is not true of all.
    const bool one = cpu.cpus == 1 && layout.alone;  // whatever its package declares: a guest shows its host's numbers
    const bool whole = one || !cpu.cpus || cpu.cpus == logical;
    if (!cpu.cores && (layout.told || one) && whole) cpu.cores = one ? 1 : cores;
    if (!cpu.sockets && (layout.by_apic || one) && whole) cpu.sockets = static_cast<int>(packages.size());
    const bool hybrid = layout.groups.front().role.has_value();
    const bool told = whole && (layout.by_apic || !hybrid);
    if (told && (cpu.kinds.empty() || hybrid)) cpu.kinds = kinds_of(layout.groups, cpu);
    if (cpu.kinds.size() == 1) cpu.kinds.front().cpus = cpu.cpus, cpu.kinds.front().cores = cpu.cores;
    if (!cpu.caches.empty()) return;
    cpu.caches = layout.caches;
    if (!whole)
        for (facts::Cache& cache : cpu.caches) cache.instances = std::nullopt;
}

}  // namespace lf::probe
