// SPDX-License-Identifier: MIT
#include "facts/value_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "facts/codec.h"

namespace lf::facts {
namespace {

constexpr std::string_view kWordCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxNote = 2048;

bool only_characters(std::string_view text, std::string_view more) {
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return kWordCharacters.find(c) != std::string_view::npos || more.find(c) != std::string_view::npos;
    });
}

/// A line for people: no control bytes, valid UTF-8.
bool is_line(std::string_view text, std::size_t limit) { return text.size() <= limit && printable(text) == text; }

bool digits(std::string_view text, std::size_t least, std::size_t most, std::string_view allowed) {
    return text.size() >= least && text.size() <= most && text.find_first_not_of(allowed) == std::string_view::npos;
}

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kDecimal = "0123456789";

/// dddd[d…]:bb:dd.f as in /sys/bus/pci/devices (a domain may have more than four digits).
bool is_pci_address(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, ':');
    if (parts.size() != 3 || parts[2].size() != 4 || parts[2][2] != '.') return false;
    return digits(parts[0], 4, 8, kHex) && digits(parts[1], 2, 2, kHex) && digits(parts[2].substr(0, 2), 2, 2, kHex) &&
           digits(parts[2].substr(3), 1, 1, "01234567");
}

}  // namespace

/// One word: a feature, a driver, a chip's target. It may reach Nix and shell text.
bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= 64 && only_characters(text, ".-") && text.front() != '-' &&
           text.front() != '.';
}

bool is_name(std::string_view text) { return is_line(text, kMaxName); }
bool is_note(std::string_view text) { return is_line(text, kMaxNote); }

/// On PCI, or where a GPU is that is not on PCI: "platform:17000000.gpu".
bool is_gpu_address(std::string_view text) {
    if (is_pci_address(text)) return true;
    const std::size_t colon = text.find(':');
    return (text.starts_with("platform:") || text.starts_with("wsl:")) && is_word(text.substr(colon + 1));
}

bool is_midr(std::string_view text) { return text.starts_with("0x") && digits(text.substr(2), 8, 8, kHex); }

bool is_cpu_source(std::string_view text) {
    return text == "cpuid" || text == "cpuinfo" || text == "hwcap" || text == "facter";
}

bool is_cache_type(std::string_view text) { return text == "data" || text == "instruction" || text == "unified"; }

bool is_role(std::string_view text) { return text == "performance" || text == "efficiency" || text == "low-power"; }

bool is_capability(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '.');
    return parts.size() == 2 && digits(parts[0], 1, 2, kDecimal) && digits(parts[1], 1, 1, kDecimal);
}

bool is_gfx(std::string_view text) { return text.starts_with("gfx") && digits(text.substr(3), 3, 5, kHex); }

bool is_gpu_vendor(std::string_view text) {
    constexpr std::string_view kVendors[] = {"nvidia", "amd", "intel", "other"};
    return std::find(std::begin(kVendors), std::end(kVendors), text) != std::end(kVendors);
}

bool is_host_name(std::string_view name) {
    return !name.empty() && name.size() <= 63 && only_characters(name.substr(0, 1), "") && only_characters(name, ".-");
}

bool is_pci_id(std::string_view text) { return digits(text, 4, 4, kHex); }

}  // namespace lf::facts
