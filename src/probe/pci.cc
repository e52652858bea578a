// SPDX-License-Identifier: MIT
#include "probe/pci.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::string_view kDevices = "/sys/bus/pci/devices";
constexpr std::size_t kMaxDevices = 1024;  // as facts/codec.cc

// PCI Code and ID Assignment Specification: base class and subclass.
constexpr std::uint32_t kDisplayClasses[] = {0x0300, 0x0302, 0x0380, 0x1200};

/// dddd:bb:dd.f
bool is_address(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 3 || parts[0].size() < 4 || parts[0].size() > 8 || parts[1].size() != 2) return false;
    const std::string_view slot = parts[2];
    const auto hex = [](std::string_view s) {
        return s.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    };
    return slot.size() == 4 && slot[2] == '.' && slot[3] >= '0' && slot[3] <= '7' && hex(parts[0]) && hex(parts[1]) &&
           hex(slot.substr(0, 2));
}

std::optional<std::uint16_t> read_id(const FileSource& files, const std::string& path) {
    const auto value = read_number(files, path, 16);
    if (!value || *value > 0xffff) return std::nullopt;
    return static_cast<std::uint16_t>(*value);
}

/// The last part of what the link `driver` holds; nullopt if no driver is bound.
std::optional<std::string> read_driver(const FileSource& files, const std::string& folder, const std::string& address) {
    if (const auto link = files.read_link(folder + "/driver")) {
        const std::string name = link->substr(link->rfind('/') + 1);
        if (is_plain_word(name)) return name;
    }
    // NVIDIA's driver lists what it drives under /proc too, where /sys is not complete.
    if (files.exists("/proc/driver/nvidia/gpus/" + address)) return "nvidia";
    return std::nullopt;
}

}  // namespace

std::vector<PciDevice> display_devices(const FileSource& files, std::vector<std::string>& notes) {
    std::vector<PciDevice> out;
    const auto names = files.list(std::string(kDevices));
    if (!names) {
        if (files.exists(std::string(kDevices)) || !files.exists("/sys/bus"))
            notes.push_back("GPUs are unknown: " + reason(std::string(kDevices), names.error()));
        return out;
    }
    for (const std::string& name : *names) {
        if (!is_address(name)) continue;
        const std::string folder = fmt::format("{}/{}", kDevices, name);
        const auto code = read_number(files, folder + "/class", 16);
        if (!code ||
            std::find(std::begin(kDisplayClasses), std::end(kDisplayClasses), *code >> 8) == std::end(kDisplayClasses))
            continue;
        const auto vendor = read_id(files, folder + "/vendor");
        const auto device = read_id(files, folder + "/device");
        if (!vendor || !device) {
            notes.push_back(
                fmt::format("the display device {} is left out: its vendor or device id is unreadable", name));
            continue;
        }
        if (out.size() == kMaxDevices) {
            notes.push_back(fmt::format("only the first {} display devices are listed", kMaxDevices));
            break;
        }
        out.push_back({name, *vendor, *device, static_cast<std::uint32_t>(*code), read_driver(files, folder, name)});
    }
    return out;
}

}  // namespace lf::probe
