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

// Of processing accelerators only AMD's Instinct cards are GPUs; others are NPUs (Intel's are called so), FPGAs, …
constexpr std::uint32_t kAccelerator = 0x1200;
constexpr std::uint16_t kAmd = 0x1002;

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

bool can_list_devices(const FileSource& files) {
    // A machine without a PCI bus has /sys/bus and no pci in it.
    return files.list(std::string(kDevices)) || (files.exists("/sys/bus") && !files.exists(std::string(kDevices)));
}

bool can_tell_devices(const FileSource& files) {
    if (!can_list_devices(files)) return false;
    const auto names = files.list(std::string(kDevices));
    return !names || std::all_of(names->begin(), names->end(), [&](const std::string& name) {
        if (!is_address(name)) return true;
        const std::string folder = fmt::format("{}/{}", kDevices, name);
        const auto code = read_number(files, folder + "/class", 16);
        const bool display = !code || std::find(std::begin(kDisplayClasses), std::end(kDisplayClasses), *code >> 8) !=
                                          std::end(kDisplayClasses);
        return !display || (code && read_id(files, folder + "/vendor") && read_id(files, folder + "/device"));
    });
}

std::vector<PciDevice> display_devices(const FileSource& files, std::vector<std::string>& notes) {
    std::vector<PciDevice> out;
    const auto names = files.list(std::string(kDevices));
    if (!names) {
        if (!can_list_devices(files))
            notes.push_back("GPUs are unknown: " + reason(std::string(kDevices), names.error()));
        return out;
    }
    for (const std::string& name : *names) {
        if (!is_address(name)) continue;
        const std::string folder = fmt::format("{}/{}", kDevices, name);
        const auto code = read_number(files, folder + "/class", 16);
        if (!code) notes.push_back(fmt::format("the PCI device {} is left out: its class is unreadable", name));
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
        if (*code >> 8 == kAccelerator && vendor != kAmd) continue;
        if (out.size() == kMaxDevices) {
            notes.push_back(fmt::format("only the first {} display devices are listed", kMaxDevices));
            break;
        }
        out.push_back({name, *vendor, *device, static_cast<std::uint32_t>(*code), read_driver(files, folder, name)});
    }
    return out;
}

}  // namespace lf::probe
