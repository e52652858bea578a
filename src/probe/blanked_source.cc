// SPDX-License-Identifier: MIT
#include "probe/blanked_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "probe/blanking.h"
#include "probe/memory_devices.h"
#include "probe/nix_settings.h"

namespace lf::probe {
namespace {

constexpr std::string_view kOwnCgroups = "/proc/self/cgroup";
constexpr std::string_view kCgroups = "/sys/fs/cgroup";
constexpr std::size_t kMaxLevels = 32;

// What a container's cgroup is called by who made it; the rest of the name says which one it is.
constexpr std::string_view kMakers[] = {"docker", "libpod", "lxc", "kubepods", "machine"};

std::string level_name(std::string_view name, std::size_t number) {
    for (const std::string_view maker : kMakers)
        if (name.starts_with(maker)) return fmt::format("{}-level{}", maker, number);
    return fmt::format("level{}", number);
}

/// A capture's index is lines of columns.
std::string blanked_link(std::string_view target) {
    std::string out = blanked_paths(target, "");
    for (char& c : out)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return out;
}

struct KnownWords {
    Question question;
    std::string_view word;
    std::string_view value;  ///< of these characters
};
constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
constexpr KnownWords kKnownWords[] = {
    {Question::hwcap, "AT_HWCAP", kDigits},
    {Question::hwcap, "AT_HWCAP2", kDigits},
    {Question::hwcap, "AT_HWCAP3", kDigits},
    {Question::hwcap, "AT_HWCAP4", kDigits},
    {Question::xcomp, "supported", kDigits},
    {Question::xcomp, "permitted", kDigits},
    {Question::store, "free", kDigits},
    {Question::unfree, "environment", kDigits},
    {Question::unfree, "configuration", kLetters},
};

/// Of answers in a word and a value, only lines of that form.
std::string known_lines(Question question, std::string_view text) {
    std::string out;
    for (const std::string_view line : lines(text)) {
        const std::size_t blank = line.find(' ');
        if (blank == std::string_view::npos || line.size() > 64) continue;
        const std::string_view word = line.substr(0, blank);
        const std::string_view value = trim(line.substr(blank));
        for (const KnownWords& row : kKnownWords)
            if (row.question == question && row.word == word && !value.empty() &&
                value.find_first_not_of(row.value) == std::string_view::npos)
                out += fmt::format("{} {}\n", word, value);
    }
    return out;
}

std::string with_newline(std::string text) {
    if (!text.ends_with('\n')) text += '\n';
    return text;
}

}  // namespace

BlankedFiles::BlankedFiles(const FileSource& files) : files_(files) {
    for (const char* path : {"/proc/sys/kernel/hostname", "/etc/hostname"})
        if (host_.empty())
            if (const auto name = files.read(path)) host_ = telling_host_name(std::string_view(*name).substr(0, 256));
}

/// "/user.slice/carbon.scope" → "/level1/level2": every name has its own level, in whichever hierarchy it stands, so
/// that a level leads back to one name. ".." stays what it is: such a path is never looked up.
std::string BlankedFiles::cgroup_levels(std::string_view path) const {
    std::string out;
    std::size_t depth = 0;
    for (const std::string_view name : split(path, '/')) {
        if (name.empty() || ++depth > kMaxLevels) continue;
        out += '/';
        if (name == "." || name == "..") {
            out += name;
            continue;
        }
        const auto [at, is_new] = level_of_.try_emplace(std::string(name));
        if (is_new) {
            at->second = level_name(name, level_of_.size());
            cgroups_[at->second] = name;
        }
        out += at->second;
    }
    return out.empty() ? "/" : out;
}

std::string BlankedFiles::with_cgroup_levels(std::string_view text) const {
    std::string out;
    for (const std::string_view line : lines(text.substr(0, 1 << 16))) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) continue;
        out += fmt::format("{}{}\n", line.substr(0, second + 1), cgroup_levels(line.substr(second + 1)));
    }
    return out;
}

/// Below /sys/fs/cgroup the levels stand for the names that /proc/self/cgroup gave.
std::string BlankedFiles::real_path(const std::string& path) const {
    if (const auto file = nix_files_.find(path); file != nix_files_.end()) return file->second;
    if (cgroups_.empty() || !path.starts_with(kCgroups)) return path;
    std::string out(kCgroups);
    for (const std::string_view name : split(std::string_view(path).substr(kCgroups.size()), '/')) {
        if (name.empty()) continue;
        const auto real = cgroups_.find(std::string(name));
        out += '/';
        out += real == cgroups_.end() ? name : std::string_view(real->second);
    }
    return out;
}

/// Who reads the blanked text asks for the files by the paths in it: they lead back to the real ones.
std::string BlankedFiles::blanked_nix(const std::string& path, std::string_view text) const {
    std::string out = blanked_nix_conf(text, host_);
    const std::vector<std::string> real = included_nix_files(text, real_path(path));
    const std::vector<std::string> shown = included_nix_files(out, path);
    for (std::size_t i = 0; i < std::min(real.size(), shown.size()); ++i) nix_files_.emplace(shown[i], real[i]);
    return out;
}

std::string BlankedFiles::blanked(const std::string& path, std::string_view text) const {
    if (path == kOwnCgroups) return with_cgroup_levels(text);
    if (path == kDmiTable) {
        auto devices = parse_memory_devices(text);
        if (!devices) devices = parse_smbios_memory(text);
        return format_memory_devices(devices.value_or(std::vector<MemoryDevice>{}));
    }
    if (path == kNixConf || nix_files_.contains(path)) return blanked_nix(path, text);
    return blanked_file(path, text, host_).value_or("");
}

Result<std::string> BlankedFiles::read(const std::string& path) const {
    // Numbers and lists of them, many files: nothing there can name a machine.
    if (path.starts_with("/sys/devices/system/cpu/cpu")) return files_.read(path);
    if (!blanked_file(path, "", "")) {
        Error error = world_error("file-blanked", "it names one machine and is not read");
        error.where.file = path;
        return fail(std::move(error));
    }
    LF_ASSIGN(const std::string text, files_.read(real_path(path)));
    return blanked(path, text);
}

Result<std::vector<std::string>> BlankedFiles::list(const std::string& path) const {
    return files_.list(real_path(path));
}

Result<std::string> BlankedFiles::read_link(const std::string& path) const {
    LF_ASSIGN(const std::string target, files_.read_link(real_path(path)));
    return blanked_link(target);
}

bool BlankedFiles::exists(const std::string& path) const { return files_.exists(real_path(path)); }

std::optional<std::string> BlankedMachine::answer(Question question) const {
    const auto text = source_.answer(question);
    if (!text) return std::nullopt;
    switch (question) {
        case Question::nvml:
        case Question::vulkan: return with_newline(blanked_text(*text, ""));
        case Question::overrides: return with_newline(blanked_paths(*text, files_.host()));
        default: return known_lines(question, *text);
    }
}

std::vector<std::string> BlankedMachine::notes() const {
    std::vector<std::string> out = source_.notes();
    for (std::string& note : out) note = blanked_paths(note, files_.host());
    return out;
}

}  // namespace lf::probe
