// SPDX-License-Identifier: MIT
// The systemd unit that runs llama-server: what its sandbox takes away.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "hostcheck/looks.h"
#include "plan/cpu_variants.h"
#include "plan/rules_cuda.h"

namespace lf::hostcheck {
namespace {

// Units that run llama.cpp, by the names of nixpkgs' modules.
constexpr std::string_view kUnits[] = {"llama-cpp.service", "llama-swap.service"};
constexpr std::string_view kUnitFolder = "/etc/systemd/system/";

struct Unit {
    std::string name;
    std::map<std::string, std::vector<std::string>> service;  ///< [Service]: key → values in order; an empty one resets
};

/// Lines that end in a backslash go on; ';' and '#' start comments (systemd.syntax(7)).
Unit parse_unit(std::string_view name, std::string_view text) {
    Unit unit{std::string(name), {}};
    std::string section;
    std::string whole;
    for (const std::string_view raw : lines(text)) {
        const std::string_view line = trim(raw);
        if (whole.empty() && (line.empty() || line.front() == '#' || line.front() == ';')) continue;
        if (line.ends_with('\\')) {
            whole += std::string(line.substr(0, line.size() - 1)) + " ";
            continue;
        }
        whole += line;
        const std::string_view full = whole;
        const std::size_t equals = full.find('=');
        if (full.front() == '[') section = full;
        else if (section == "[Service]" && equals != std::string_view::npos) {
            const std::string value(trim(full.substr(equals + 1)));
            auto& values = unit.service[std::string(trim(full.substr(0, equals)))];
            if (value.empty()) values.clear();
            else values.push_back(value);
        }
        whole.clear();
    }
    return unit;
}

std::vector<Unit> units_of(const Request& request) {
    std::vector<Unit> units;
    for (const std::string_view name : kUnits) {
        const auto text = request.machine.files().read(std::string(kUnitFolder) + std::string(name));
        if (text) units.push_back(parse_unit(name, *text));
    }
    return units;
}

bool is_on(const Unit& unit, const std::string& key) {
    const auto found = unit.service.find(key);
    if (found == unit.service.end() || found->second.empty()) return false;
    const std::string& value = found->second.back();
    return value == "yes" || value == "true" || value == "1" || value == "on";
}

std::string saw(const Unit& unit, const std::string& key) {
    const auto found = unit.service.find(key);
    const std::string value = found == unit.service.end() ? "" : join(found->second, " ");
    return fmt::format("{}: {}={}", unit.name, key, printable(value));
}

std::string cure(const Unit& unit, std::string_view setting) {
    return fmt::format("systemd.services.{}.serviceConfig.{}", unit.name.substr(0, unit.name.find('.')), setting);
}

/// One device file that a back end opens, and the names of /proc/devices that open it too ("char-drm" in DeviceAllow).
/// NVIDIA's driver was registered as "nvidia-frontend" and has other names since 545 (release notes of 545.23 and
/// 550.40): "nvidia", "nvidiactl" and "nvidia-modeset" for one major number, so that each opens all of its files.
struct Device {
    std::string_view what;
    std::string_view paths;  ///< blank-separated: all of these are as good as a class
    std::string_view classes;
};
constexpr Device kDri = {"/dev/dri", "/dev/dri", "drm"};
constexpr Device kKfd = {"/dev/kfd", "/dev/kfd", "kfd"};
constexpr Device kUvm = {"/dev/nvidia-uvm", "/dev/nvidia-uvm", "nvidia-uvm"};
constexpr Device kNvidiaNow = {"/dev/nvidia0 and /dev/nvidiactl", "/dev/nvidia0 /dev/nvidiactl",
                               "nvidia nvidiactl nvidia-modeset"};
constexpr Device kNvidiaOld = {"/dev/nvidia0 and /dev/nvidiactl", "/dev/nvidia0 /dev/nvidiactl", "nvidia-frontend"};
constexpr Device kNvidiaAny = {"/dev/nvidia0 and /dev/nvidiactl", "/dev/nvidia0 /dev/nvidiactl",
                               "nvidia nvidiactl nvidia-modeset nvidia-frontend"};
constexpr Device kCaps = {"/dev/nvidia-caps (MIG)", "/dev/nvidia-caps", "nvidia-caps"};
constexpr Device kWsl = {"/dev/dxg", "/dev/dxg", "misc"};

std::vector<Device> nvidia_devices_of(const facts::Gpu& gpu) {
    if (gpu.address.starts_with("wsl:")) return {kWsl};
    if (gpu.address.starts_with("platform:")) return {};  // /dev/nvhost-* and /dev/nvmap: other ones in each JetPack
    const auto driver = plan::driver_version_of(gpu.driver_version);
    constexpr plan::DriverVersion kRenamed = {545, 0, 0};
    std::vector<Device> out = {!driver ? kNvidiaAny : *driver >= kRenamed ? kNvidiaNow : kNvidiaOld, kUvm};
    if (gpu.partition == "mig") out.push_back(kCaps);
    return out;
}

/// What the planned back ends open for the cards that they use.
std::vector<Device> needed_devices(const Request& request) {
    std::vector<Device> out;
    const auto add = [&](const std::vector<Device>& devices) { out.insert(out.end(), devices.begin(), devices.end()); };
    for (const facts::Gpu* gpu : cards_for(request, "cuda")) add(nvidia_devices_of(*gpu));
    for (const facts::Gpu* gpu : cards_for(request, "vulkan")) {
        const bool own = gpu->vendor == "nvidia" && gpu->driver && !plan::is_free_nvidia_driver(*gpu->driver);
        if (!own) add({kDri});
        else if (const auto devices = nvidia_devices_of(*gpu); !devices.empty()) add({devices.front()});
    }
    if (!cards_for(request, "rocm").empty()) add({kKfd, kDri});
    return out;
}

/// Entries are "/dev/kfd rw" or "char-NAME rw", where NAME may have the signs of glob(7); no word = "rwm".
bool allows(const std::vector<std::string>& entries, const Device& device) {
    std::vector<std::string> open;
    for (const std::string& entry : entries) {
        const auto parts = plan::words(entry);
        const bool both = parts.size() < 2 || (parts[1].find('r') != std::string_view::npos &&
                                               parts[1].find('w') != std::string_view::npos);
        if (!parts.empty() && both) open.emplace_back(parts[0]);
    }
    const auto named = [&](std::string_view name) {
        return std::ranges::any_of(open, [&](const std::string& entry) {
            return entry.starts_with("char-") &&
                   fnmatch(entry.c_str() + 5, std::string(name).c_str(), FNM_NOESCAPE) == 0;
        });
    };
    const auto path_is_open = [&](std::string_view path) {
        return std::ranges::any_of(open, [&](const std::string& entry) {
            return entry == path || (entry.starts_with(path) && entry[path.size()] == '/');
        });
    };
    return std::ranges::any_of(plan::words(device.classes), named) ||
           std::ranges::all_of(plan::words(device.paths), path_is_open);
}

/// Asks every unit, if there is any and a GPU is planned.
template <class Ask>
Answer each_unit(const Request& request, Ask ask) {
    if (!uses_gpu(request.plan.build)) return not_asked();
    const auto units = units_of(request);
    if (units.empty()) return not_asked();
    Answer answer;
    for (const Unit& unit : units) ask(unit, answer);
    return answer;
}

}  // namespace

Answer service_devices(const Request& request) {
    return each_unit(request, [](const Unit& unit, Answer& answer) {
        if (!is_on(unit, "PrivateDevices")) return;
        answer.findings.push_back(finding("the service does not see the device files of GPUs",
                                          {saw(unit, "PrivateDevices")},
                                          cure(unit, "PrivateDevices = lib.mkForce false;")));
    });
}

Answer service_device_allow(const Request& request) {
    return each_unit(request, [&](const Unit& unit, Answer& answer) {
        const auto found = unit.service.find("DeviceAllow");
        if (found == unit.service.end() || found->second.empty()) return;
        std::vector<std::string> closed;
        for (const Device& device : needed_devices(request))
            if (!allows(found->second, device) && std::ranges::count(closed, device.what) == 0)
                closed.emplace_back(device.what);
        if (closed.empty()) return;
        answer.findings.push_back(
            finding(fmt::format("the service may not open {}: one DeviceAllow closes all others", join(closed, ", ")),
                    {saw(unit, "DeviceAllow")},
                    cure(unit,
                         "DeviceAllow = [ \"char-drm\" \"char-kfd\" \"char-nvidia\" \"char-nvidiactl\" "
                         "\"char-nvidia-frontend\" \"char-nvidia-uvm\" \"char-nvidia-caps\" ]; or none at all")));
    });
}

Answer service_memory(const Request& request) {
    const auto& architectures = request.plan.build.cuda_architectures;
    // Machine code alone needs no compiler at run time; "86" and "86-virtual" bring PTX.
    const bool ptx =
        uses(request.plan.build, "cuda") && architectures &&
        std::ranges::any_of(split(*architectures, ';'), [](std::string_view part) { return !part.ends_with("-real"); });
    const bool compiles = ptx || uses(request.plan.build, "rocm") || uses(request.plan.build, "vulkan");
    if (!compiles) return not_asked();
    return each_unit(request, [](const Unit& unit, Answer& answer) {
        if (!is_on(unit, "MemoryDenyWriteExecute")) return;
        answer.findings.push_back(finding("the service may not make memory executable, which drivers that compile do",
                                          {saw(unit, "MemoryDenyWriteExecute")},
                                          cure(unit, "MemoryDenyWriteExecute = lib.mkForce false;")));
    });
}

Answer service_groups(const Request& request) {
    const bool asked = !cards_for(request, "rocm").empty() || !cards_for(request, "vulkan", "amd").empty() ||
                       !cards_for(request, "vulkan", "intel").empty();
    if (!asked) return not_asked();
    return each_unit(request, [](const Unit& unit, Answer& answer) {
        const auto user = unit.service.find("User");
        const bool root = (user == unit.service.end() || user->second.empty() || user->second.back() == "root") &&
                          !is_on(unit, "DynamicUser");
        const auto groups = unit.service.find("SupplementaryGroups");
        const std::string all = groups == unit.service.end() ? "" : join(groups->second, " ");
        if (root || std::ranges::count(plan::words(all), std::string_view("render")) > 0) return;
        answer.findings.push_back(finding("the user of the service is not in the group of the render nodes",
                                          {saw(unit, "SupplementaryGroups")},
                                          cure(unit, "SupplementaryGroups = [ \"render\" \"video\" ];")));
    });
}

}  // namespace lf::hostcheck
