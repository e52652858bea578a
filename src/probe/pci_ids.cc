// SPDX-License-Identifier: MIT
// pci.ids is text: a line "10de  NVIDIA Corporation" opens a vendor's block, "\t2684  AD102 [GeForce RTX 4090]" is a
// device in it, lines with two tabs are boards made with it. After the last vendor come classes ("C 03 …"). The file
// has 1.4 MB and more; we look for one vendor's line and walk over its block, nothing is kept.
#include "probe/pci_ids.h"

#include <fmt/format.h>

#include <cstring>
#include <functional>

#include "base/text.h"

namespace lf::probe {
namespace {

constexpr std::string_view kPlaces[] = {
    "/usr/share/misc/pci.ids",                      // Debian, Ubuntu, Arch
    "/usr/share/hwdata/pci.ids",                    // Fedora, SUSE, newer Debian
    "/run/current-system/sw/share/hwdata/pci.ids",  // NixOS with hwdata
    "/run/current-system/sw/share/pci.ids",         // NixOS with pciutils
};

/// "10de  NVIDIA Corporation" → "NVIDIA Corporation", if the line is for this id.
std::optional<std::string_view> name_in(std::string_view line, std::string_view id) {
    if (!line.starts_with(id) || line.substr(id.size(), 1) != " ") return std::nullopt;
    return trim(line.substr(id.size()));
}

std::string_view line_at(std::string_view text, std::size_t at) {
    return text.substr(at, std::min(text.find('\n', at), text.size()) - at);
}

/// Where the line of a vendor begins; npos if there is none.
std::size_t vendor_line(std::string_view text, std::string_view id) {
    if (name_in(line_at(text, 0), id)) return 0;
    const std::string needle = "\n" + std::string(id) + " ";
    const void* found = ::memmem(text.data(), text.size(), needle.data(), needle.size());
    if (found == nullptr) return std::string_view::npos;
    return static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
}

}  // namespace

std::optional<std::string> read_pci_ids(const FileSource& files) {
    for (const std::string_view place : kPlaces)
        if (auto text = files.read(std::string(place))) return std::move(*text);
    return std::nullopt;
}

std::optional<std::string> pci_vendor_name(std::string_view pci_ids, std::uint16_t vendor) {
    const std::string id = fmt::format("{:04x}", vendor);
    const std::size_t at = vendor_line(pci_ids, id);
    if (at == std::string_view::npos) return std::nullopt;
    return std::string(*name_in(line_at(pci_ids, at), id));
}

std::optional<std::string> pci_device_name(std::string_view pci_ids, std::uint16_t vendor, std::uint16_t device) {
    std::size_t at = vendor_line(pci_ids, fmt::format("{:04x}", vendor));
    if (at == std::string_view::npos) return std::nullopt;
    const std::string id = fmt::format("{:04x}", device);
    for (;;) {
        at = pci_ids.find('\n', at);
        if (at == std::string_view::npos || ++at >= pci_ids.size()) return std::nullopt;
        const char first = pci_ids[at];
        if (first == '#' || first == '\n' || first == '\r') continue;
        if (first != '\t') return std::nullopt;  // the next vendor
        if (pci_ids.compare(at + 1, id.size(), id) != 0) continue;
        if (const auto name = name_in(line_at(pci_ids, at + 1), id)) return std::string(*name);
    }
}

}  // namespace lf::probe
