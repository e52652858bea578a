// SPDX-License-Identifier: MIT
#include "probe/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "probe/reading.h"
#include "probe/topology.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 60;  // v1 writes about 2^63 for none
constexpr std::int64_t kMaxMilli = std::int64_t{1} << 20;

struct Limits {
    std::optional<std::int64_t> cpu_milli;
    std::optional<std::int64_t> memory_mib;
    void cpu(std::int64_t milli) {
        if (milli > 0 && milli <= kMaxMilli) cpu_milli = std::min(cpu_milli.value_or(milli), milli);
    }
    void memory(std::uint64_t bytes) {
        const auto mib = static_cast<std::int64_t>(bytes >> 20);
        if (bytes < kNoLimit) memory_mib = std::min(memory_mib.value_or(mib), mib);
    }
};

void quota(std::string_view quota_us, std::string_view period_us, Limits& limits) {
    const auto allowed = parse_unsigned(quota_us);
    const auto period = parse_unsigned(period_us);
    if (!allowed || !period || *period == 0 || *allowed > kNoLimit / 1000) return;
    limits.cpu(static_cast<std::int64_t>(std::max<std::uint64_t>(*allowed * 1000 / *period, 1)));
}

void cpuset(const FileSource& files, const std::string& path, int online, Limits& limits) {
    const auto text = read_text(files, path);
    const std::size_t cpus = text ? parse_cpu_list(*text).size() : 0;
    if (cpus > 0 && online > 0 && cpus < static_cast<std::size_t>(online))
        limits.cpu(static_cast<std::int64_t>(cpus) * 1000);
}

void bytes_in(const FileSource& files, const std::string& path, Limits& limits) {
    if (const auto bytes = read_number(files, path, 10)) limits.memory(*bytes);
}

/// cgroup v2: one folder has it all.
void read_unified(const FileSource& files, const std::string& folder, int online, Limits& limits) {
    if (const auto text = read_text(files, folder + "/cpu.max")) {
        const std::vector<std::string_view> words = split(*text, ' ');
        if (words.size() == 2) quota(words[0], words[1], limits);
    }
    cpuset(files, folder + "/cpuset.cpus.effective", online, limits);
    bytes_in(files, folder + "/memory.max", limits);
}

/// cgroup v1: a folder for each controller.
void read_controller(const FileSource& files, const std::string& folder, int online, Limits& limits) {
    const auto allowed = read_text(files, folder + "/cpu.cfs_quota_us");
    const auto period = read_text(files, folder + "/cpu.cfs_period_us");
    if (allowed && period) quota(*allowed, *period, limits);
    cpuset(files, folder + "/cpuset.effective_cpus", online, limits);
    bytes_in(files, folder + "/memory.limit_in_bytes", limits);
}

using Read = void (*)(const FileSource&, const std::string&, int, Limits&);

/// The cgroup at `path` and all above it: the tightest limit holds. Inside a container the path may name what only the
/// host sees; then the root of the mount is our own cgroup.
void walk_up(const FileSource& files, const std::string& mount, std::string path, int online, Read read,
             Limits& limits) {
    for (std::size_t depth = 0; depth < kMaxDepth && path.size() > 1; ++depth) {
        read(files, mount + path, online, limits);
        path.resize(path.rfind('/'));
    }
    read(files, mount, online, limits);
}

bool is_path(std::string_view path) {
    return path.starts_with('/') && path.size() < 4096 && path.find("..") == std::string_view::npos;
}

}  // namespace

void read_limits(const FileSource& files, int online, facts::Environment& environment) {
    const auto text = files.read("/proc/self/cgroup");
    if (!text) {
        environment.notes.push_back("limits of control groups are unknown: " +
                                    reason("/proc/self/cgroup", text.error()));
        return;
    }
    Limits limits;
    for (const std::string_view line : lines(*text)) {  // "0::/user.slice" or "4:cpu,cpuacct:/docker/…"
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos || !is_path(line.substr(second + 1))) continue;
        const std::string path(line.substr(second + 1));
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        if (controllers.empty()) {
            const bool hybrid = files.exists("/sys/fs/cgroup/unified");
            walk_up(files, hybrid ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup", path, online, read_unified, limits);
            continue;
        }
        for (const std::string_view controller : split(controllers, ','))
            if (controller == "cpu" || controller == "cpuset" || controller == "memory")
                walk_up(files, fmt::format("/sys/fs/cgroup/{}", controller), path, online, read_controller, limits);
    }
    if (limits.cpu_milli) environment.cpu_limit_milli = static_cast<int>(*limits.cpu_milli);
    environment.memory_limit_mib = limits.memory_mib;
}

}  // namespace lf::probe
