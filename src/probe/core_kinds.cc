// SPDX-License-Identifier: MIT
#include "probe/core_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "probe/core_names.h"
#include "probe/reading.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

struct Group {
    std::string_view path;
    std::string_view role;
};
// Linux, arch/x86/events/intel/core.c: the names of the PMUs of hybrid CPUs.
constexpr Group kGroups[] = {{"/sys/devices/cpu_core/cpus", "performance"},
                             {"/sys/devices/cpu_atom/cpus", "efficiency"},
                             {"/sys/devices/cpu_lowpower/cpus", "low-power"}};

/// How many cores these CPUs are; nullopt if a CPU's core is not known.
std::optional<int> count_cores(const FileSource& files, const std::vector<int>& cpus) {
    std::vector<int> seen;
    int cores = 0;
    for (const int cpu : cpus) {
        if (std::ranges::count(seen, cpu) > 0) continue;
        const std::vector<int> members = threads_of_core(files, cpu);
        if (members.empty()) return std::nullopt;
        seen.insert(seen.end(), members.begin(), members.end());
        ++cores;
    }
    return cores;
}

}  // namespace

std::optional<int> cpu_capacity(const FileSource& files, int cpu) {
    const auto value = read_number(files, fmt::format("/sys/devices/system/cpu/cpu{}/cpu_capacity", cpu), 10);
    if (!value || *value == 0 || *value > 1024) return std::nullopt;
    return static_cast<int>(*value);
}

void store_kinds(const FileSource& files, std::vector<KindOfCpus> kinds, facts::Cpu& cpu) {
    cpu.kinds.clear();
    for (KindOfCpus& found : kinds) {
        found.kind.cpus = static_cast<int>(found.cpus.size());
        found.kind.cores = count_cores(files, found.cpus);
        cpu.kinds.push_back(std::move(found.kind));
    }
}

void read_core_kinds(const FileSource& files, const std::vector<int>& online, facts::Cpu& cpu) {
    std::vector<KindOfCpus> kinds;
    for (const Group& group : kGroups) {
        const auto text = files.read(std::string(group.path));
        const std::vector<int> members = text ? parse_cpu_list(*text) : std::vector<int>{};
        KindOfCpus found;
        std::ranges::set_intersection(members, online, std::back_inserter(found.cpus));
        if (found.cpus.empty()) continue;
        found.kind.role = std::string(group.role);
        found.kind.name = core_name(cpu, found.kind.role);
        kinds.push_back(std::move(found));
    }
    if (!kinds.empty()) store_kinds(files, std::move(kinds), cpu);
}

}  // namespace lf::probe
