// SPDX-License-Identifier: MIT
#include "probe/nix_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/text.h"
#include "probe/reading.h"

namespace lf::probe {
namespace {

constexpr std::size_t kMaxFiles = 16;  // of nix.conf and what it includes
constexpr std::size_t kMaxFeatures = 256;

// Where the link to the `nix` in use lies: NixOS, a multi-user installation, a profile of root.
constexpr std::string_view kNixLinks[] = {"/run/current-system/sw/bin/nix", "/nix/var/nix/profiles/default/bin/nix",
                                          "/root/.nix-profile/bin/nix"};

/// Key and value of a line; empty key for a comment.
std::pair<std::string_view, std::string_view> setting(std::string_view line) {
    line = trim(line.substr(0, line.find('#')));
    const std::size_t end = line.find_first_of(" \t=");
    if (end == std::string_view::npos) return {line, {}};
    std::string_view value = trim(line.substr(end));
    if (value.starts_with('=')) value = trim(value.substr(1));
    return {line.substr(0, end), value};
}

class NixFeatures {
  public:
    explicit NixFeatures(const FileSource& files) : files_(files) {}

    void read(const std::string& path, facts::Environment& environment) {
        if (!seen_.insert(path).second || seen_.size() > kMaxFiles) return;
        const auto text = files_.read(path);
        if (!text) {
            if (files_.exists(path))
                environment.notes.push_back("settings of Nix are missing: " + reason(path, text.error()));
            return;
        }
        for (const std::string_view line : lines(*text)) take(line, path, environment);
    }

    std::vector<std::string> features;

  private:
    void take(std::string_view line, const std::string& path, facts::Environment& environment) {
        const auto [key, value] = setting(line);
        if (key == "include" || key == "!include") {
            for (const std::string& file : included_nix_files(line, path)) read(file, environment);
        } else if (key == "system-features") {
            features.clear();
            add(value);
        } else if (key == "extra-system-features") {
            add(value);
        }
    }
    void add(std::string_view value) {
        for (const std::string_view word : split(value, ' '))
            if (is_plain_word(word) && features.size() < kMaxFeatures) features.emplace_back(word);
    }
    const FileSource& files_;
    std::set<std::string> seen_;
};

std::optional<int> generation_of(std::string_view link) {
    constexpr std::string_view kEnd = "-link";
    link = link.substr(link.rfind('/') + 1);
    if (!link.starts_with("system-") || !link.ends_with(kEnd)) return std::nullopt;
    link.remove_prefix(7);
    const auto number = parse_unsigned(link.substr(0, link.size() - kEnd.size()));
    if (!number || *number > 1'000'000) return std::nullopt;
    return static_cast<int>(*number);
}

void read_version(const FileSource& files, facts::Environment& environment) {
    for (const std::string_view place : kNixLinks) {
        const auto link = files.read_link(std::string(place));
        if (!link) continue;
        environment.nix_version = version_of_store_path(*link);
        if (environment.nix_version) return;
    }
    if (files.exists("/usr/bin/nix"))
        environment.notes.emplace_back("the version of Nix is unknown: /usr/bin/nix does not say it, and is not run");
}

/// Without comments and strings, so that words in them are not taken for settings.
std::string bare_nix(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '#') {
            i = std::min(text.find('\n', i), text.size());
            out += '\n';
        } else if (text.substr(i, 2) == "/*") {
            const std::size_t end = text.find("*/", i + 2);
            i = end == std::string_view::npos ? text.size() : end + 1;
        } else if (text[i] == '"') {
            for (++i; i < text.size() && text[i] != '"'; ++i)
                if (text[i] == '\\') ++i;
            out += "\"\"";
        } else if (text.substr(i, 2) == "''") {
            const std::size_t end = text.find("''", i + 2);
            i = end == std::string_view::npos ? text.size() : end + 1;
            out += "\"\"";
        } else {
            out += text[i];
        }
    }
    return out;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '\'';
}

}  // namespace

namespace {
// What is read for other reasons is no settings file of Nix, whatever includes it.
constexpr std::string_view kOtherFiles[] = {"/proc/",        "/sys/",        "/dev/",       "/etc/os-release",
                                            "/etc/hostname", "/usr/lib/os-", "/usr/share/", "/run/current-system/",
                                            "/run/systemd/", "/cpuid/",      "/answers/",   "/index",
                                            "/notes",        "/LLAMA-FLEET"};

bool can_be_included(std::string_view path) {
    return path.size() > 1 && printable(path) == path &&
           std::none_of(std::begin(kOtherFiles), std::end(kOtherFiles),
                        [&](std::string_view start) { return path.starts_with(start); });
}
}  // namespace

std::vector<std::string> included_nix_files(std::string_view text, const std::string& path) {
    std::vector<std::string> out;
    for (const std::string_view line : lines(text)) {
        const auto [key, value] = setting(line);
        if ((key != "include" && key != "!include") || value.empty() || value.size() > 1024) continue;
        const std::filesystem::path file =
            value.starts_with('/') ? std::filesystem::path(value) : std::filesystem::path(path).parent_path() / value;
        std::string normal = file.lexically_normal().string();
        if (out.size() < kMaxFiles && can_be_included(normal)) out.push_back(std::move(normal));
    }
    return out;
}

std::optional<std::string> version_of_store_path(std::string_view path) {
    constexpr std::string_view kStore = "/nix/store/";
    constexpr std::size_t kHash = 33;  // with its '-'
    const std::size_t at = path.find(kStore);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view name = path.substr(at + kStore.size());
    name = name.substr(0, name.find('/'));
    if (name.size() <= kHash) return std::nullopt;
    name.remove_prefix(kHash);
    // Nix's own rule (parseDrvName): the version begins after the first dash that no letter follows.
    for (std::size_t dash = name.find('-'); dash != std::string_view::npos; dash = name.find('-', dash + 1)) {
        const std::string_view version = name.substr(dash + 1);
        if (!version.empty() && version[0] >= '0' && version[0] <= '9' && is_plain_word(version))
            return std::string(version);
    }
    return std::nullopt;
}

std::optional<std::string> allow_unfree_in(std::string_view config) {
    constexpr std::string_view kKey = "allowUnfree";
    const std::string text = bare_nix(config.substr(0, 1 << 20));
    std::set<std::string> said;
    for (std::size_t at = text.find(kKey); at != std::string::npos; at = text.find(kKey, at + kKey.size())) {
        const std::size_t end = at + kKey.size();
        if (at > 0 && is_name_character(text[at - 1])) continue;
        // nixpkgs reads the outermost attribute alone: `nixpkgs.config.allowUnfree = true;` says nothing here.
        if (trim(std::string_view(text).substr(0, at)).ends_with('.')) continue;
        if (end < text.size() && is_name_character(text[end])) continue;  // allowUnfreePredicate
        std::string_view rest = trim(std::string_view(text).substr(end));
        if (!rest.starts_with('=') || rest.starts_with("==")) {
            said.insert("unclear");
            continue;
        }
        rest = trim(rest.substr(1));
        const std::string_view value = trim(rest.substr(0, rest.find(';')));
        said.insert(value == "true" || value == "false" ? std::string(value) : "unclear");
    }
    if (said.empty()) return std::nullopt;
    return said.size() == 1 ? *said.begin() : "unclear";
}

void read_nix(const FileSource& files, facts::Environment& environment) {
    read_version(files, environment);
    NixFeatures nix(files);
    nix.read(std::string(kNixConf), environment);
    environment.nix_system_features = std::move(nix.features);
    if (const auto link = files.read_link("/nix/var/nix/profiles/system"))
        environment.nixos_generation = generation_of(*link);
    if (const auto version = read_text(files, "/run/current-system/nixos-version"))
        if (std::string channel = label(*version); !channel.empty()) environment.nixos_channel = std::move(channel);
}

}  // namespace lf::probe
