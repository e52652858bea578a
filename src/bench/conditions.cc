// SPDX-License-Identifier: MIT
#include "bench/conditions.h"

#include <fmt/format.h>
#include <sched.h>

#include <cmath>
#include <cstdlib>
#include <set>

#include "base/text.h"

namespace lf::bench {
namespace {

/// More load than this share of the CPUs is somebody else's work.
constexpr double kBusyShare = 0.3;

std::vector<int> allowed_cpus() {
    std::vector<int> cpus;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return {0};  // more than 1024 CPUs: count nothing
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
        if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    return cpus;
}

bool has_flag(std::string_view cpuinfo, std::string_view flag) {
    for (const std::string_view line : lines(cpuinfo)) {
        if (!line.starts_with("flags")) continue;
        for (const std::string_view word : split(line, ' '))
            if (word == flag) return true;
        return false;
    }
    return false;
}

}  // namespace

std::optional<double> load_average(const FileSource& machine) {
    const auto text = machine.read("/proc/loadavg");
    if (!text) return std::nullopt;
    const double value = std::strtod(text->c_str(), nullptr);
    if (!std::isfinite(value) || value < 0) return std::nullopt;
    return value;
}

Conditions read_conditions(const FileSource& machine) {
    Conditions conditions;
    if (const auto text = machine.read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"))
        conditions.governor = printable(trim(*text)).substr(0, 40);
    if (const auto text = machine.read("/proc/cpuinfo")) conditions.virtual_machine = has_flag(*text, "hypervisor");
    conditions.load_average = load_average(machine);
    return conditions;
}

int usable_cpus() { return static_cast<int>(allowed_cpus().size()); }

int usable_cores(const FileSource& machine) {
    std::set<std::string> cores;
    for (const int cpu : allowed_cpus()) {
        const auto siblings =
            machine.read(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
        cores.insert(siblings ? *siblings : fmt::format("cpu {}", cpu));
    }
    return std::max(1, static_cast<int>(cores.size()));
}

std::vector<Warning> warnings_of(const Conditions& conditions) {
    std::vector<Warning> warnings;
    if (conditions.governor && *conditions.governor != "performance")
        warnings.push_back({"governor", fmt::format("the CPU governor is {}", *conditions.governor),
                            "cpupower frequency-set -g performance, for the time of the measurement"});
    if (conditions.load_average && *conditions.load_average > kBusyShare * conditions.cpus)
        warnings.push_back({"load",
                            fmt::format("other work ran on this machine: load {:.1f} on {} CPUs before the first run",
                                        *conditions.load_average, conditions.cpus),
                            "measure again when the machine is idle"});
    if (conditions.virtual_machine.value_or(false))
        warnings.push_back({"virtual-machine", "this is a virtual machine: its neighbours may slow any run", ""});
    return warnings;
}

}  // namespace lf::bench
