// SPDX-License-Identifier: MIT
#include "probe/blanking.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "base/text.h"
#include "probe/gpu_device.h"
#include "probe/hypervisor.h"

namespace lf::probe {
namespace {

// Names that distributions and clouds give to every machine, or that are words of the files that we read.
constexpr std::string_view kUsualNames[] = {"localhost", "nixos", "debian", "ubuntu", "fedora", "arch", "alpine",
                                            "linux", "raspberrypi", "localdomain", "generic", "amd64", "x86_64",
                                            "aarch64", "arm64", "intel", "amd", "nvidia", "kvm", "benchmark",
                                            // What a kernel of WSL is told by.
                                            "microsoft", "wsl", "wsl2"};

// Parts of keys whose lines name one machine or give access to something.
constexpr std::string_view kSecretKeys[] = {
    "serial",    "uuid",  "unique_id",  "unique-id", "password",   "passwd",     "token",       "secret", "asset_tag",
    "asset tag", "netrc", "credential", "hostname",  "machine-id", "machine_id", "mac address", "hwaddr", "private"};

// Files that hold nothing else.
constexpr std::string_view kSecretFiles[] = {"serial-number",   "serial_number", "serial",
                                             "unique_id",       "uuid",          "product_uuid",
                                             "product_serial",  "board_serial",  "chassis_serial",
                                             "board_asset_tag", "machine-id",    "hostname",
                                             "boot_id",         "address",       "chassis_asset_tag",
                                             "product_sku",     "gpu_uuid",      "ibm,partition-name"};

struct KeptLines {
    std::string_view path;
    std::span<const std::string_view> keys;
};
constexpr std::string_view kOsKeys[] = {"ID", "VERSION_ID", "PRETTY_NAME", "VARIANT_ID", "ID_LIKE"};
constexpr std::string_view kSysinfoKeys[] = {"LPAR Number", "VM00 Control Program"};
constexpr KeptLines kKeptLines[] = {
    {"/etc/os-release", kOsKeys}, {"/usr/lib/os-release", kOsKeys}, {"/proc/sysinfo", kSysinfoKeys}};

// Text that people or their build machines wrote, from which no fact but itself comes. Only there the host's name is
// taken out: elsewhere it is a word like any other ("cpu", "core", "cuda" are names of hosts too).
constexpr std::string_view kFreeText[] = {"/proc/sys/kernel/osrelease", "/run/current-system/nixos-version"};
constexpr std::string_view kFreeKey = "PRETTY_NAME";

constexpr std::string_view kNixKeys[] = {"system-features", "extra-system-features", "include", "!include"};

// Of the kernel's command line: what changes features, memory of GPUs or passthrough.
constexpr std::string_view kKernelWords[] = {"clearcpuid",   "mitigations", "iommu",    "amd_iommu", "intel_iommu",
                                             "vfio-pci.ids", "nomodeset",   "nox2apic", "noxsave",   "isolcpus",
                                             "nosmt",        "maxcpus",     "nr_cpus",  "mem",       "hugepages"};
constexpr std::string_view kKernelModules[] = {"amdgpu.", "ttm.", "i915.", "xe.", "nvidia.", "nouveau."};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::string_view key_of(std::string_view line) {
    line = trim(line);
    const std::size_t end = line.find_first_of(":=");
    return trim(line.substr(0, end != std::string_view::npos ? end : line.find_first_of(" \t")));
}

bool is_secret_line(std::string_view line) {
    const std::string_view key = key_of(line);
    if (key.empty() || key.size() > 64 || key.size() == trim(line).size()) return false;  // a lone word is no key
    const std::string low = lower_case(key);
    return std::any_of(std::begin(kSecretKeys), std::end(kSecretKeys),
                       [&](std::string_view part) { return low.find(part) != std::string::npos; });
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_id_character(char c) { return is_hex(c) || c == '-' || c == ':'; }
bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Groups of hex digits of these lengths, `separator` between them?
bool has_shape(std::string_view text, std::span<const std::size_t> groups, char separator) {
    for (const std::size_t& length : groups) {
        for (std::size_t i = 0; i < length; ++i)
            if (i >= text.size() || !is_hex(text[i])) return false;
        text.remove_prefix(length);
        if (&length == &groups.back()) break;
        if (text.empty() || text.front() != separator) return false;
        text.remove_prefix(1);
    }
    return text.empty();
}

constexpr std::size_t kUuid[] = {8, 4, 4, 4, 12};
constexpr std::size_t kMac[] = {2, 2, 2, 2, 2, 2};
constexpr std::size_t kInfinibandGuid[] = {2, 2, 2, 2, 2, 2, 2, 2};
constexpr std::size_t kMachineId[] = {32};

struct Shape {
    std::span<const std::size_t> groups;
    char separator;
};
constexpr Shape kShapes[] = {{kUuid, '-'}, {kInfinibandGuid, ':'}, {kMac, ':'}, {kMac, '-'}, {kMachineId, ' '}};

std::size_t length_of(const Shape& shape) {
    std::size_t length = shape.groups.size() - 1;
    for (const std::size_t group : shape.groups) length += group;
    return length;
}

/// Zeros for the digits of every identifier in a run of hex digits, '-' and ':'. One may stand in a longer run
/// ("GPU-" ends in none of these, "eth0:" does), so every place at a word's beginning is tried.
void blank_ids_in(char* begin, std::size_t size) {
    for (std::size_t at = 0; at < size; ++at) {
        if (at > 0 && is_hex(begin[at - 1])) continue;
        for (const Shape& shape : kShapes) {
            const std::size_t length = length_of(shape);
            if (at + length > size || (at + length < size && is_hex(begin[at + length]))) continue;
            if (!has_shape({begin + at, length}, shape.groups, shape.separator)) continue;
            for (std::size_t i = at; i < at + length; ++i)
                if (is_hex(begin[i])) begin[i] = '0';
            at += length - 1;
            break;
        }
    }
}

void blank_ids(std::string& text) {
    constexpr std::size_t kShortest = 17;  // a MAC address
    for (std::size_t at = 0; at < text.size();) {
        if (!is_id_character(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_id_character(text[end])) ++end;
        const bool in_word = (at > 0 && is_word_character(text[at - 1])) ||
                             (end < text.size() && is_word_character(text[end]) && text[end - 1] != ':');
        // Part of a longer word is no identifier (a store hash), unless it is joined by '-' or ':' as in "GPU-6cfe…".
        const std::size_t skip =
            in_word && at > 0 && is_word_character(text[at - 1]) ? std::min(text.find_first_of("-:", at), end) - at : 0;
        if (end - at >= kShortest + skip) blank_ids_in(text.data() + at + skip, end - at - skip);
        at = end;
    }
}

/// `host` as a whole word, in small or large letters, becomes "host".
void blank_host(std::string& line, std::string_view host) {
    if (host.empty()) return;
    const std::string wanted = lower_case(host);
    std::string low = lower_case(line);
    for (std::size_t at = low.find(wanted); at != std::string::npos; at = low.find(wanted, at)) {
        const bool starts = at == 0 || !is_word_character(line[at - 1]);
        const bool ends = at + host.size() == line.size() || !is_word_character(line[at + host.size()]);
        if (starts && ends) {
            line.replace(at, host.size(), "host");
            low.replace(at, host.size(), "host");
        }
        at += starts && ends ? 4 : host.size();
    }
}

/// "/home/alice/x" → "/home/user/x"
void blank_homes(std::string& text) {
    constexpr std::string_view kHomes = "/home/";
    constexpr std::string_view kUser = "user";
    for (std::size_t at = text.find(kHomes); at != std::string::npos; at = text.find(kHomes, at)) {
        at += kHomes.size();
        const std::size_t end = std::min(text.find_first_of("/ \t\n:;,'\"", at), text.size());
        if (end == at) continue;
        text.replace(at, end - at, kUser);
        at += kUser.size();
    }
}

std::string kept_lines(std::string_view text, std::span<const std::string_view> keys, std::string_view host) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        const std::string_view key = key_of(line);
        if (!is_one_of(key, keys)) continue;
        std::string kept(line);
        if (key == kFreeKey) blank_host(kept, host);
        out += kept;
        out += '\n';
    }
    blank_ids(out);
    return out;
}

/// Of "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.82.07  Release Build  (alice@carbon.example.org)".
std::string kept_driver_version(std::string_view text) {
    const auto version = nvidia_version_in(text);
    return version ? "NVRM version: " + *version + "\n" : "\n";
}

std::string kept_kernel_words(std::string_view text) {
    std::vector<std::string> out;
    for (const std::string_view word : split(trim(text), ' ')) {
        const std::string_view name = word.substr(0, word.find('='));
        const bool module = std::any_of(std::begin(kKernelModules), std::end(kKernelModules),
                                        [&](std::string_view start) { return name.starts_with(start); });
        if (module || is_one_of(name, kKernelWords)) out.emplace_back(word);
    }
    return join(out, " ") + "\n";
}

}  // namespace

std::string telling_host_name(std::string_view name) {
    name = trim(name);
    name = name.substr(0, name.find('.'));
    if (name.size() < 2 || name.size() > 63 || is_one_of(lower_case(name), kUsualNames)) return {};
    if (name.find_first_not_of("0123456789") == std::string_view::npos) return {};
    if (name == "host") return {};
    return std::string(name);
}

std::string blanked_text(std::string_view text, std::string_view host) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        const bool newline = end < text.size();
        text.remove_prefix(std::min(end + 1, text.size()));
        if (is_secret_line(line)) continue;
        std::string changed(host.empty() ? std::string_view() : line);
        blank_host(changed, host);
        out += host.empty() ? line : std::string_view(changed);
        if (newline) out += '\n';
    }
    blank_ids(out);
    return out;
}

std::string blanked_paths(std::string_view text, std::string_view host) {
    std::string out(text);
    blank_host(out, host);
    blank_homes(out);
    blank_ids(out);
    return out;
}

std::string blanked_nix_conf(std::string_view text, std::string_view host) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        const std::string_view told = trim(line.substr(0, line.find('#')));
        const std::string_view key = told.substr(0, told.find_first_of(" \t="));
        if (!is_one_of(key, kNixKeys)) continue;
        out += key.ends_with("include") ? std::string(key) + blanked_paths(told.substr(key.size()), host)
                                        : std::string(told);
        out += '\n';
    }
    return out;
}

std::optional<std::string> blanked_file(std::string_view path, std::string_view text, std::string_view host) {
    if (is_one_of(path.substr(path.rfind('/') + 1), kSecretFiles)) return std::nullopt;
    for (const KeptLines& row : kKeptLines)
        if (path == row.path) return kept_lines(text, row.keys, host);
    if (path.ends_with("/nix.conf")) return blanked_nix_conf(text, host);
    if (path == "/proc/cmdline") return kept_kernel_words(text);
    if (path == "/proc/driver/nvidia/version") return kept_driver_version(text);
    if (path.starts_with("/sys/class/dmi/id/")) return kept_dmi_name(path, text) + "\n";
    if (is_one_of(path, kFreeText)) return blanked_paths(text, host);
    return blanked_text(text, "");
}

}  // namespace lf::probe
