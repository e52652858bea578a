// SPDX-License-Identifier: MIT
#include "probe/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "probe/core_kinds.h"
#include "probe/cpu_proc.h"
#include "probe/reading.h"
#include "probe/source.h"
#include "probe/topology_caches.h"

namespace lf::probe {
namespace {

constexpr std::string_view kCpus = "/sys/devices/system/cpu";
constexpr std::string_view kNodes = "/sys/devices/system/node";

/// A group's files: as a list, and as a mask.
struct GroupFiles {
    std::string_view list;
    std::string_view mask;
};
// The name since Linux 5.3, and the one before it, which newer kernels still have.
constexpr GroupFiles kCoreLists[] = {{"core_cpus_list", "core_cpus"}, {"thread_siblings_list", "thread_siblings"}};
constexpr GroupFiles kSocketLists[] = {{"package_cpus_list", "package_cpus"}, {"core_siblings_list", "core_siblings"}};

std::vector<int> cpu_list_file(const FileSource& files, const std::string& path) {
    const auto text = files.read(path);
    return text ? parse_cpu_list(*text) : std::vector<int>{};
}

/// The CPUs of the group that `cpu` belongs to; empty if no list is there, or it leaves `cpu` itself out.
std::vector<int> group_of(const FileSource& files, int cpu, std::span<const GroupFiles> names) {
    std::vector<int> members;
    const std::string folder = fmt::format("{}/cpu{}/topology", kCpus, cpu);
    for (const GroupFiles& name : names)
        if (members.empty())
            members =
                read_cpu_set(files, fmt::format("{}/{}", folder, name.list), fmt::format("{}/{}", folder, name.mask));
    if (!std::binary_search(members.begin(), members.end(), cpu)) members.clear();
    return members;
}

/// How many groups (cores, sockets) the CPUs fall into, by the list that each CPU has of its group. A list once read
/// answers for all CPUs in it, so that we open one file a group and not one a CPU.
std::optional<int> count_groups(const FileSource& files, const std::vector<int>& cpus,
                                std::span<const GroupFiles> names) {
    std::set<int> seen;
    int groups = 0;
    for (const int cpu : cpus) {
        if (seen.contains(cpu)) continue;
        const std::vector<int> members = group_of(files, cpu, names);
        if (members.empty()) return std::nullopt;
        seen.insert(members.begin(), members.end());
        ++groups;
    }
    if (groups == 0) return std::nullopt;
    return groups;
}

/// Cores and sockets from the numbers that /proc/cpuinfo gives each processor (x86 only).
void count_from_cpuinfo(const std::vector<CpuinfoBlock>& blocks, facts::Cpu& cpu) {
    std::set<std::string_view> sockets;
    std::set<std::pair<std::string_view, std::string_view>> cores;
    for (const CpuinfoBlock& block : blocks) {
        const auto socket = block.find("physical id");
        const auto core = block.find("core id");
        if (!socket || !core) return;
        sockets.insert(*socket);
        cores.emplace(*socket, *core);
    }
    if (sockets.empty()) return;
    if (!cpu.sockets) cpu.sockets = static_cast<int>(sockets.size());
    if (!cpu.cores) cpu.cores = static_cast<int>(cores.size());
}

/// Nodes that have no memory or no CPU count too. Kernels before 2.6.24 list them as folders only.
std::optional<int> count_nodes(const FileSource& files) {
    const std::vector<int> nodes = cpu_list_file(files, fmt::format("{}/online", kNodes));
    if (!nodes.empty()) return static_cast<int>(nodes.size());
    const auto names = files.list(std::string(kNodes));
    if (!names) return std::nullopt;
    const auto count = std::ranges::count_if(*names, [](const std::string& name) {
        return name.starts_with("node") && parse_unsigned(std::string_view(name).substr(4)).has_value();
    });
    if (count == 0) return std::nullopt;
    return static_cast<int>(count);
}

std::optional<int> count_offline(const FileSource& files, const std::vector<int>& online) {
    const std::vector<int> present = cpu_list_file(files, fmt::format("{}/present", kCpus));
    if (present.empty() || online.empty()) return std::nullopt;
    return static_cast<int>(std::ranges::count_if(
        present, [&](int cpu) { return !std::binary_search(online.begin(), online.end(), cpu); }));
}

std::vector<int> processors(const std::vector<CpuinfoBlock>& blocks) {
    std::vector<int> out;
    for (const CpuinfoBlock& block : blocks) {
        const auto value = block.find("processor");
        const auto number = value ? parse_unsigned(*value) : std::nullopt;
        if (number && *number < kMaxCpus) out.push_back(static_cast<int>(*number));
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

/// "processor 0: version = 00,  identification = 123456,  machine = 3931": its number is part of the key.
std::vector<int> processors_of_s390(std::string_view cpuinfo) {
    constexpr std::string_view kKey = "processor ";
    std::set<int> out;
    for (const std::string_view line : lines(cpuinfo)) {
        if (!line.starts_with(kKey)) continue;
        const std::string_view rest = line.substr(kKey.size());
        const auto number = parse_unsigned(rest.substr(0, rest.find(':')));
        if (number && *number < kMaxCpus) out.insert(static_cast<int>(*number));
    }
    return {out.begin(), out.end()};
}

}  // namespace

std::vector<int> parse_cpu_list(std::string_view text) {
    std::vector<int> numbers;
    for (const std::string_view part : split(trim(text), ',')) {
        const std::size_t dash = part.find('-');
        const auto first = parse_unsigned(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parse_unsigned(part.substr(dash + 1));
        if (!first || !last || *first > *last || *last >= kMaxCpus) return {};
        // The kernel writes them in order; insisting on it bounds our work by kMaxCpus.
        if (!numbers.empty() && static_cast<int>(*first) <= numbers.back()) return {};
        for (auto n = static_cast<int>(*first); n <= static_cast<int>(*last); ++n) numbers.push_back(n);
    }
    return numbers;
}

std::vector<int> parse_cpu_mask(std::string_view text) {
    constexpr int kWordBits = 32;
    std::vector<std::string_view> words = split(trim(text), ',');
    if (words.size() > static_cast<std::size_t>(kMaxCpus / kWordBits)) return {};
    std::ranges::reverse(words);
    std::vector<int> numbers;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = parse_unsigned(words[i], 16);
        if (!word || *word > UINT32_MAX) return {};
        for (int bit = 0; bit < kWordBits; ++bit)
            if (((*word >> bit) & 1) != 0) numbers.push_back(static_cast<int>(i) * kWordBits + bit);
    }
    return numbers;
}

std::vector<int> read_cpu_set(const FileSource& files, const std::string& list, const std::string& mask) {
    std::vector<int> cpus = cpu_list_file(files, list);
    if (!cpus.empty()) return cpus;
    const auto text = files.read(mask);
    return text ? parse_cpu_mask(*text) : std::vector<int>{};
}

std::vector<int> online_cpus(const FileSource& files) {
    std::vector<int> online = cpu_list_file(files, fmt::format("{}/online", kCpus));
    if (!online.empty()) return online;
    const auto cpuinfo = files.read("/proc/cpuinfo");
    if (!cpuinfo) return {};
    online = processors(parse_cpuinfo(*cpuinfo));
    return online.empty() ? processors_of_s390(*cpuinfo) : online;
}

std::vector<int> threads_of_core(const FileSource& files, int cpu) { return group_of(files, cpu, kCoreLists); }

void read_topology(const FileSource& files, facts::Cpu& cpu) {
    const std::vector<int> online = online_cpus(files);
    if (!online.empty()) cpu.cpus = static_cast<int>(online.size());

    cpu.cores = count_groups(files, online, kCoreLists);
    cpu.sockets = count_groups(files, online, kSocketLists);
    if (!cpu.cores || !cpu.sockets) {
        const auto cpuinfo = files.read("/proc/cpuinfo");
        if (cpuinfo) count_from_cpuinfo(parse_cpuinfo(*cpuinfo), cpu);
    }
    // Kernels without ACPI's tables call a cluster of big or little cores a package. No machine with both has two
    // sockets.
    if (cpu.kinds.size() > 1 && cpu.kinds.front().midr) cpu.sockets = 1;
    cpu.numa_nodes = count_nodes(files);
    cpu.offline_cpus = count_offline(files, online);
    cpu.caches = read_caches(files, online, cpu.architecture);
    read_core_kinds(files, online, cpu);
}

void note_unknown_topology(const facts::Cpu& cpu, std::vector<std::string>& notes) {
    if (!cpu.cpus) notes.emplace_back("the number of CPUs is unknown: neither /sys nor /proc/cpuinfo lists them");
    if (!cpu.cores) notes.emplace_back("the number of cores is unknown: no topology in /sys/devices/system/cpu");
    if (!cpu.sockets) notes.emplace_back("the number of sockets is unknown: no topology in /sys/devices/system/cpu");
    if (!cpu.numa_nodes)
        notes.push_back(fmt::format("the number of NUMA nodes is unknown: no readable {}/online", kNodes));
}

}  // namespace lf::probe
