// SPDX-License-Identifier: MIT
#include "bench/conditions.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "base/text.h"

namespace lf::bench {
namespace {

/// More load, or more CPU time of others, than this share of the CPUs is somebody else's work.
constexpr double kBusyShare = 0.3;
constexpr double kOtherShare = 0.05;
/// A program that used more than this share of one CPU is worth its name.
constexpr double kBusyProgram = 0.1;
constexpr std::size_t kMostPrograms = 3;
/// Waiting for memory for more than this percentage of a minute slows everything.
constexpr double kPressure = 1;

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

std::optional<double> positive(std::string_view text) {
    const double value = std::strtod(std::string(text).c_str(), nullptr);
    return std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::string> one_word(const FileSource& machine, const std::string& path) {
    const auto text = machine.read(path);
    if (!text || trim(*text).empty()) return std::nullopt;
    return printable(trim(*text)).substr(0, 40);
}

/// "MemTotal:   16384 kB" → 16.
std::optional<std::int64_t> mib_of(std::string_view meminfo, std::string_view key) {
    for (const std::string_view line : lines(meminfo)) {
        if (!line.starts_with(key)) continue;
        const auto words = split(trim(line.substr(key.size())), ' ');
        if (const auto kib = parse_unsigned(words.front())) return static_cast<std::int64_t>(*kib >> 10);
    }
    return std::nullopt;
}

/// A machine without a mains supply in the list is no notebook: not known to run on a battery.
std::optional<bool> runs_on_battery(const FileSource& machine) {
    const std::string folder = "/sys/class/power_supply";
    std::optional<bool> answer;
    for (const std::string& supply : machine.list(folder).value_or(std::vector<std::string>())) {
        const auto type = one_word(machine, fmt::format("{}/{}/type", folder, supply));
        const auto online = one_word(machine, fmt::format("{}/{}/online", folder, supply));
        if (type == "Mains" && online) answer = answer.value_or(true) && online != "1";
    }
    return answer;
}

std::optional<double> busy_seconds(std::string_view stat) {
    for (const std::string_view line : lines(stat)) {
        if (!line.starts_with("cpu ")) continue;
        // user nice system idle iowait irq softirq steal …, in ticks (proc(5)); idle and iowait are no work.
        std::vector<std::string_view> words = split(line.substr(4), ' ');
        std::erase(words, std::string_view());
        double ticks = 0;
        for (std::size_t i = 0; i < words.size() && i < 8; ++i)
            if (i != 3 && i != 4) ticks += static_cast<double>(parse_unsigned(words[i]).value_or(0));
        return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    return std::nullopt;
}

std::optional<std::int64_t> throttle_events(const FileSource& machine) {
    std::optional<std::int64_t> sum;
    const std::string folder = "/sys/devices/system/cpu";
    for (const std::string& name : machine.list(folder).value_or(std::vector<std::string>())) {
        if (!name.starts_with("cpu") || !parse_unsigned(name.substr(3))) continue;
        const auto text = machine.read(fmt::format("{}/{}/thermal_throttle/core_throttle_count", folder, name));
        if (!text) continue;
        if (const auto count = parse_unsigned(trim(*text))) sum = sum.value_or(0) + static_cast<std::int64_t>(*count);
    }
    return sum;
}

std::optional<std::int64_t> pages_swapped_in(const FileSource& machine) {
    constexpr std::string_view kKey = "pswpin ";
    const std::string text = machine.read("/proc/vmstat").value_or("");
    for (const std::string_view line : lines(text))
        if (line.starts_with(kKey))
            if (const auto pages = parse_unsigned(trim(line.substr(kKey.size()))))
                return static_cast<std::int64_t>(*pages);
    return std::nullopt;
}

/// "4711 (clangd) S 1 …": name, and user and system time in ticks as the 14th and 15th word (proc(5)). The name may
/// have blanks and parentheses in it.
void add_program(std::string_view stat, std::map<std::string, double>& programs) {
    const std::size_t open = stat.find('(');
    const std::size_t close = stat.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return;
    const auto words = split(stat.substr(close + 1), ' ');  // "", state, parent …: the 3rd word is words[1]
    if (words.size() < 14) return;
    const double ticks = static_cast<double>(parse_unsigned(words[12]).value_or(0)) +
                         static_cast<double>(parse_unsigned(words[13]).value_or(0));
    programs[fmt::format("{} {}", printable(stat.substr(open + 1, close - open - 1)), trim(stat.substr(0, open)))] =
        ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::map<std::string, double> running_programs(const FileSource& machine) {
    std::map<std::string, double> programs;
    const std::string own = std::to_string(::getpid());
    for (const std::string& name : machine.list("/proc").value_or(std::vector<std::string>()))
        if (parse_unsigned(name) && name != own)
            if (const auto stat = machine.read("/proc/" + name + "/stat")) add_program(*stat, programs);
    return programs;
}

std::vector<std::string> busiest(const Counters& before, const Counters& after, double wall_seconds) {
    std::vector<std::pair<double, std::string>> used;
    for (const auto& [program, seconds] : after.programs) {
        const auto earlier = before.programs.find(program);
        const double spent = seconds - (earlier == before.programs.end() ? 0 : earlier->second);
        if (spent > kBusyProgram * wall_seconds) used.emplace_back(spent, program.substr(0, program.rfind(' ')));
    }
    std::sort(used.rbegin(), used.rend());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < used.size() && i < kMostPrograms; ++i)
        names.push_back(fmt::format("{} ({:.0f} s)", used[i].second, used[i].first));
    return names;
}

}  // namespace

std::optional<double> load_average(const FileSource& machine) {
    const auto text = machine.read("/proc/loadavg");
    return text ? positive(*text) : std::nullopt;
}

std::optional<double> memory_pressure(const FileSource& machine) {
    constexpr std::string_view kKey = "avg60=";
    const auto text = machine.read("/proc/pressure/memory");
    if (!text || !text->starts_with("some ")) return std::nullopt;
    const std::size_t at = text->find(kKey);
    return at == std::string::npos ? std::nullopt : positive(std::string_view(*text).substr(at + kKey.size()));
}

Conditions read_conditions(const FileSource& machine) {
    Conditions conditions;
    conditions.cpus = usable_cpus();
    conditions.cores = usable_cores(machine);
    conditions.governor = one_word(machine, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
    conditions.power_profile = one_word(machine, "/sys/firmware/acpi/platform_profile");
    if (const auto text = machine.read("/proc/cpuinfo")) conditions.virtual_machine = has_flag(*text, "hypervisor");
    conditions.on_battery = runs_on_battery(machine);
    conditions.load_average = load_average(machine);
    conditions.memory_pressure = memory_pressure(machine);
    if (const auto meminfo = machine.read("/proc/meminfo")) {
        conditions.memory_mib = mib_of(*meminfo, "MemTotal:");
        conditions.memory_available_mib = mib_of(*meminfo, "MemAvailable:");
    }
    return conditions;
}

Counters read_counters(const FileSource& machine) {
    Counters counters;
    if (const auto stat = machine.read("/proc/stat")) counters.busy_seconds = busy_seconds(*stat);
    counters.throttle_events = throttle_events(machine);
    counters.pages_swapped_in = pages_swapped_in(machine);
    counters.programs = running_programs(machine);
    return counters;
}

void add_counters(Conditions& conditions, const Counters& before, const Counters& after, double own_seconds,
                  double wall_seconds) {
    if (before.throttle_events && after.throttle_events)
        conditions.throttle_events = std::max<std::int64_t>(0, *after.throttle_events - *before.throttle_events);
    if (before.pages_swapped_in && after.pages_swapped_in)
        conditions.swapped_mib =
            static_cast<double>(std::max<std::int64_t>(0, *after.pages_swapped_in - *before.pages_swapped_in)) *
            static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
    if (wall_seconds <= 0) return;
    if (before.busy_seconds && after.busy_seconds && conditions.cpus > 0)
        conditions.other_cpu_share = std::clamp(
            (*after.busy_seconds - *before.busy_seconds - own_seconds) / (wall_seconds * conditions.cpus), 0.0, 1.0);
    conditions.busy_programs = busiest(before, after, wall_seconds);
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
    if (conditions.power_profile && conditions.power_profile != "performance")
        warnings.push_back({"power-profile", fmt::format("the power profile is {}", *conditions.power_profile),
                            "powerprofilesctl set performance, for the time of the measurement"});
    if (conditions.on_battery.value_or(false))
        warnings.push_back({"battery", "the machine runs on its battery, which slows it down", "plug it in"});
    if (conditions.load_average && *conditions.load_average > kBusyShare * conditions.cpus)
        warnings.push_back({"load",
                            fmt::format("other work ran on this machine: load {:.1f} on {} CPUs before the first run",
                                        *conditions.load_average, conditions.cpus),
                            "measure again when the machine is idle"});
    if (conditions.other_cpu_share.value_or(0) > kOtherShare)
        warnings.push_back(
            {"other-programs",
             fmt::format("other programs used {:.0f} % of the CPUs while it was measured{}",
                         *conditions.other_cpu_share * 100,
                         conditions.busy_programs.empty() ? "" : ": " + join(conditions.busy_programs, ", ")),
             "measure again when the machine is idle"});
    if (conditions.throttle_events.value_or(0) > 0)
        warnings.push_back({"throttled",
                            fmt::format("the CPU was slowed down by its heat {} times while it was measured",
                                        *conditions.throttle_events),
                            "cool it, or give a longer --time-limit so that the interval tells"});
    if (conditions.swapped_mib.value_or(0) > 1)
        warnings.push_back(
            {"swapping",
             fmt::format("{:.0f} MiB were read back from swap while it was measured", *conditions.swapped_mib),
             "end other programs, or measure with a smaller model"});
    if (conditions.memory_pressure.value_or(0) > kPressure)
        warnings.push_back({"memory-pressure",
                            fmt::format("programs waited for memory {:.0f} % of a minute", *conditions.memory_pressure),
                            "end other programs, or measure with a smaller model"});
    if (conditions.virtual_machine.value_or(false))
        warnings.push_back({"virtual-machine", "this is a virtual machine: its neighbours may slow any run", ""});
    return warnings;
}

}  // namespace lf::bench
