// SPDX-License-Identifier: MIT
#include "probe/environment.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "probe/limits.h"
#include "probe/memory_devices.h"
#include "probe/nix_settings.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

/// The value of KEY=value, quotes off (os-release(5)).
std::optional<std::string> os_value(std::string_view text, std::string_view key) {
    for (const std::string_view line : lines(text)) {
        if (!line.starts_with(key) || line.substr(key.size(), 1) != "=") continue;
        std::string_view value = trim(line.substr(key.size() + 1));
        const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'');
        if (quoted && value.back() == value.front()) value = value.substr(1, value.size() - 2);
        if (value.empty()) return std::nullopt;
        return label(value);
    }
    return std::nullopt;
}

void read_os(const FileSource& files, facts::Environment& environment) {
    auto text = files.read("/etc/os-release");
    if (!text) text = files.read("/usr/lib/os-release");
    if (!text) {
        environment.notes.push_back("the system is unknown: " + reason("/etc/os-release", text.error()));
        return;
    }
    environment.os = os_value(*text, "PRETTY_NAME");
    environment.os_id = os_value(*text, "ID");
    if (environment.os_id && !is_plain_word(*environment.os_id)) environment.os_id.reset();
    environment.os_version = os_value(*text, "VERSION_ID");
}

struct ContainerSign {
    std::string_view path;
    std::string_view name;
};

// Files that who starts a container puts into it.
constexpr ContainerSign kContainerSigns[] = {
    {"/run/.containerenv", "podman"},
    {"/.dockerenv", "docker"},
    {"/var/run/secrets/kubernetes.io", "kubernetes"},
    {"/dev/lxd/sock", "lxc"},
};
// Beginnings of our cgroup's name, as blanked_source.h leaves them.
constexpr ContainerSign kCgroupSigns[] = {
    {"/docker-", "docker"}, {"/libpod-", "podman"}, {"/lxc-", "lxc"}, {"/kubepods-", "kubernetes"}};

/// nullopt = none seen. Sources: systemd's container interface (/run/systemd/container), the files above, WSL's kernel.
std::optional<std::string> container_of(const FileSource& files, const std::optional<std::string>& kernel) {
    if (kernel && (kernel->find("microsoft") != std::string::npos || kernel->find("Microsoft") != std::string::npos ||
                   kernel->find("WSL") != std::string::npos))
        return "wsl";
    if (const auto named = read_text(files, "/run/systemd/container"); named && is_plain_word(*named)) return *named;
    for (const ContainerSign& sign : kContainerSigns)
        if (files.exists(std::string(sign.path))) return std::string(sign.name);
    const auto cgroup = read_text(files, "/proc/self/cgroup");
    for (const ContainerSign& sign : kCgroupSigns)
        if (cgroup && cgroup->find(sign.path) != std::string::npos) return std::string(sign.name);
    return std::nullopt;
}

void read_power(const FileSource& files, facts::Environment& environment) {
    const std::string cpufreq = "/sys/devices/system/cpu/cpu0/cpufreq/";
    if (const auto governor = read_text(files, cpufreq + "scaling_governor"); governor && is_plain_word(*governor))
        environment.cpu_governor = *governor;
    for (const std::string& path :
         {std::string("/sys/firmware/acpi/platform_profile"), cpufreq + "energy_performance_preference"}) {
        const auto profile = read_text(files, path);
        if (!profile || !is_plain_word(*profile) || environment.power_profile) continue;
        environment.power_profile = *profile;
    }
}

/// The value of "key value" in an answer.
std::optional<std::string_view> answer_value(std::string_view answer, std::string_view key) {
    for (const std::string_view line : lines(answer))
        if (line.starts_with(key) && line.substr(key.size(), 1) == " ") return trim(line.substr(key.size()));
    return std::nullopt;
}

void read_store(const MachineSource& source, facts::Environment& environment) {
    const auto answer = source.answer(Question::store);
    const auto value = answer ? answer_value(*answer, "free") : std::nullopt;
    const auto bytes = value ? parse_unsigned(*value) : std::nullopt;
    if (bytes) environment.store_free_gib = rounded_gib(*bytes >> 30);
    else environment.notes.emplace_back("the space free for builds is unknown: it was not asked");
}

/// nixpkgs takes what the environment says over the configuration (pkgs/stdenv/generic/check-meta.nix: either is
/// enough to allow, so "0" there takes nothing back).
void read_unfree(const MachineSource& source, facts::Environment& environment) {
    const std::string answer = source.answer(Question::unfree).value_or("");
    const auto said = answer_value(answer, "configuration");
    if (said == "true" || said == "false") environment.allow_unfree = said == "true";
    else if (said)
        environment.notes.emplace_back(
            "whether unfree packages are allowed is computed in ~/.config/nixpkgs/config.nix");
    if (answer_value(answer, "environment") == "1") environment.allow_unfree = true;
}

}  // namespace

std::int64_t rounded_gib(std::uint64_t gib) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 30;
    std::uint64_t step = 1;
    std::uint64_t out = 0;
    while (step <= std::min(gib, kMost)) {
        out = step;
        for (const std::uint64_t next : {2 * step, 5 * step})
            if (next <= gib) out = next;
        step *= 10;
    }
    return static_cast<std::int64_t>(out);
}

facts::Environment read_environment(const MachineSource& source, std::optional<int> online) {
    const FileSource& files = source.files();
    facts::Environment environment;
    read_os(files, environment);
    if (const auto kernel = read_text(files, "/proc/sys/kernel/osrelease")) environment.kernel = label(*kernel);
    environment.container = container_of(files, environment.kernel);
    read_nix(files, environment);
    read_unfree(source, environment);
    read_store(source, environment);
    read_limits(files, online.value_or(0), environment);
    read_memory_devices(files, environment);
    read_power(files, environment);
    for (std::string& note : environment.notes) note = printable(note).substr(0, 1500);
    return environment;
}

}  // namespace lf::probe
