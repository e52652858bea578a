// SPDX-License-Identifier: MIT
#include "probe/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "probe/cpu_proc.h"
#include "probe/reading.h"
#include "probe/source.h"

namespace lf::probe {
namespace {

constexpr std::string_view kCpus = "/sys/devices/system/cpu";
constexpr std::string_view kNodes = "/sys/devices/system/node/online";

// The name since Linux 5.3, and the one before it, which newer kernels still have.
constexpr std::string_view kCoreLists[] = {"core_cpus_list", "thread_siblings_list"};
constexpr std::string_view kSocketLists[] = {"package_cpus_list", "core_siblings_list"};

std::vector<int> cpu_list_file(const FileSource& files, const std::string& path) {
    const auto text = files.read(path);
    return text ? parse_cpu_list(*text) : std::vector<int>{};
}

/// How many groups (cores, sockets) the CPUs fall into, by the list that each CPU has of its group. A list once read
/// answers for all CPUs in it, so that we open one file a group and not one a CPU.
std::optional<int> count_groups(const FileSource& files, const std::vector<int>& cpus,
                                std::span<const std::string_view> names) {
    std::set<int> seen;
    int groups = 0;
    for (const int cpu : cpus) {
        if (seen.contains(cpu)) continue;
        std::vector<int> members;
        for (const std::string_view name : names)
            if (members.empty()) members = cpu_list_file(files, fmt::format("{}/cpu{}/topology/{}", kCpus, cpu, name));
        if (!std::binary_search(members.begin(), members.end(), cpu)) return std::nullopt;
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

std::vector<int> online_cpus(const FileSource& files) {
    std::vector<int> online = cpu_list_file(files, fmt::format("{}/online", kCpus));
    if (!online.empty()) return online;
    const auto cpuinfo = files.read("/proc/cpuinfo");
    return cpuinfo ? processors(parse_cpuinfo(*cpuinfo)) : std::vector<int>{};
}

void read_topology(const FileSource& files, facts::Cpu& cpu, std::vector<std::string>& notes) {
    const std::vector<int> online = online_cpus(files);
    if (online.empty()) notes.emplace_back("the number of CPUs is unknown: neither /sys nor /proc/cpuinfo lists them");
    else cpu.cpus = static_cast<int>(online.size());

    cpu.cores = count_groups(files, online, kCoreLists);
    cpu.sockets = count_groups(files, online, kSocketLists);
    if (!cpu.cores || !cpu.sockets) {
        const auto cpuinfo = files.read("/proc/cpuinfo");
        if (cpuinfo) count_from_cpuinfo(parse_cpuinfo(*cpuinfo), cpu);
    }
    if (!cpu.cores) notes.emplace_back("the number of cores is unknown: no topology in /sys/devices/system/cpu");
    if (!cpu.sockets) notes.emplace_back("the number of sockets is unknown: no topology in /sys/devices/system/cpu");

    const std::vector<int> nodes = cpu_list_file(files, std::string(kNodes));
    if (nodes.empty()) notes.push_back(fmt::format("the number of NUMA nodes is unknown: no readable {}", kNodes));
    else cpu.numa_nodes = static_cast<int>(nodes.size());
}

}  // namespace lf::probe
