// SPDX-License-Identifier: MIT
// Where each framework finds its hosts: in folders, or in the settings that it is given.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "flake/framework.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;

/// Files that are hosts. In `pattern` a part `@` or `@.nix` is the host's name, `*x` any name that ends in x. The
/// pattern stands below the folder that `setting` names, or `folder` where it is not set.
struct Folder {
    std::string_view framework;
    std::string_view setting;
    std::string_view folder;
    std::string_view pattern;
    bool is_module = true;
};
constexpr std::array kFolders{
    Folder{"snowfall-lib", "snowfall.root", "", "systems/*-linux/@/default.nix"},
    Folder{"blueprint", "prefix", "", "hosts/@/default.nix", false},
    Folder{"blueprint", "prefix", "", "hosts/@/configuration.nix"},
    Folder{"blueprint", "prefix", "", "hosts/@/rpi-configuration.nix"},
    Folder{"flakelight", "nixDir", "nix", "nixos/@.nix", false},
    Folder{"flakelight", "nixDir", "nix", "nixos/@/default.nix", false},
    Folder{"flakelight", "nixDir", "nix", "nixosConfigurations/@.nix", false},
    Folder{"flakelight", "nixDir", "nix", "nixosConfigurations/@/default.nix", false},
    Folder{"clan-core", "directory", "", "machines/@/configuration.nix"},
    Folder{"clan-core", "clan.directory", "", "machines/@/configuration.nix"},
    Folder{"lite-config", "lite-config.hostModuleDir", "hosts", "@/default.nix"},
    Folder{"easy-hosts", "easy-hosts.path", "hosts", "*-linux/@/default.nix"},
    Folder{"easy-hosts", "easy-hosts.path", "hosts", "*-nixos/@/default.nix"},
    Folder{"easy-hosts", "easy-hosts.path", "hosts", "@/default.nix"},
    Folder{"ez-configs", "ezConfigs.root", "", "nixos-configurations/@.nix"},
    Folder{"ez-configs", "ezConfigs.root", "", "nixos-configurations/@/default.nix"},
    Folder{"nixos-unified", "", "", "configurations/nixos/@.nix"},
    Folder{"nixos-unified", "", "", "configurations/nixos/@/default.nix"},
    Folder{"digga", "", "", "hosts/nixos/@.nix"},
    Folder{"digga", "", "", "hosts/nixos/@/default.nix"},
};

/// Settings whose names are hosts.
struct Listed {
    std::string_view framework;
    std::string_view setting;
    bool is_module = false;  ///< the value is a NixOS module, and not { modules = [ … ]; }
};
constexpr std::array kListed{
    Listed{"flake-utils-plus", "hosts"},
    Listed{"flakelight", "nixosConfigurations"},
    Listed{"clan-core", "machines", true},
    Listed{"clan-core", "clan.machines", true},
    Listed{"lite-config", "lite-config.hosts"},
    Listed{"easy-hosts", "easy-hosts.hosts"},
    Listed{"digga", "nixos.hosts"},
};

/// What makes the name of a host out of a pattern: nullopt = the path does not match it.
std::optional<std::string> host_in_path(std::string_view path, std::string_view pattern) {
    const auto parts = split(path, '/');
    const auto wanted = split(pattern, '/');
    std::string host;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (parts.size() != wanted.size()) return std::nullopt;
        if (wanted[i] == "@") host = std::string(parts[i]);
        else if (wanted[i] == "@.nix" && parts[i].ends_with(".nix"))
            host = std::string(parts[i].substr(0, parts[i].size() - 4));
        else if (wanted[i].starts_with('*') ? !parts[i].ends_with(wanted[i].substr(1)) : parts[i] != wanted[i])
            return std::nullopt;
    }
    return host.empty() || host == "default" ? std::nullopt : std::optional(host);
}

std::string base_folder(const std::vector<Settings>& settings, const Folder& folder) {
    if (folder.setting.empty()) return std::string(folder.folder);
    const Setting setting = find_setting(settings, folder.setting);
    if (setting.tree == nullptr) return std::string(folder.folder);
    const auto text = text_of(*setting.tree, setting.value);
    if (!text) return std::string(folder.folder);
    const bool path = setting.tree->is(nixsyntax::strip_parens(*setting.tree, setting.value), nixsyntax::Kind::path);
    const std::string from = path ? folder_of(setting.tree->file()) + "/" : "";
    return normal_path(from + *text).value_or(std::string(folder.folder));
}

void hosts_in_folders(Sources& sources, const FrameworkUse& use, const std::vector<Settings>& settings,
                      std::map<std::string, FrameworkHost>& out) {
    for (const Folder& folder : kFolders) {
        if (folder.framework != use.framework->name) continue;
        std::string base = base_folder(settings, folder);
        if (!base.empty()) base += '/';
        for (const std::string& file : sources.all_nix_files()) {
            if (!file.starts_with(base)) continue;
            const auto host = host_in_path(std::string_view(file).substr(base.size()), folder.pattern);
            if (host) out.try_emplace(*host, FrameworkHost{*host, file, folder.is_module, {}, false});
        }
    }
}

/// The names that a setting of one set has: those of longer paths through it, and those of its own set.
std::vector<std::string> names_in(const Settings& from, std::string_view setting) {
    const Tree& tree = *from.tree;
    std::vector<std::string> out;
    const auto add = [&](NodeId name) {
        if (auto text = name == kNone ? std::nullopt : nixsyntax::attr_name(tree, name))
            out.push_back(std::move(*text));
    };
    for (const auto& found : nixsyntax::find_bindings(tree, from.set, nixsyntax::path_parts(setting))) {
        if (found.match != Match::deeper) continue;
        const auto names = tree.children(nixsyntax::binding_path(tree, found.entry));
        const auto at = std::find(names.begin(), names.end(), found.name);
        if (at != names.end() && at + 1 != names.end()) add(*(at + 1));
    }
    const Setting value = find_setting({from}, setting);
    if (value.tree == nullptr) return out;
    const NodeId set =
        nixsyntax::result_of(tree, nixsyntax::innermost_body(tree, nixsyntax::follow(tree, value.value)));
    for (const NodeId entry : nixsyntax::entries(tree, set))
        if (tree.is(entry, Kind::binding)) add(tree.child(nixsyntax::binding_path(tree, entry), 0));
    return out;
}

/// macOS hosts stand among the others in some frameworks.
bool is_darwin(const std::vector<Settings>& settings, const std::vector<std::string>& host) {
    constexpr std::array<std::string_view, 3> kKeys{"system", "class", "output"};
    return std::any_of(kKeys.begin(), kKeys.end(), [&](std::string_view key) {
        std::vector<std::string> path = host;
        path.emplace_back(key);
        const Setting setting = find_setting(settings, path);
        const auto text = setting.tree == nullptr ? std::nullopt : text_of(*setting.tree, setting.value);
        return text && text->find("darwin") != std::string::npos;
    });
}

void hosts_in_settings(const FrameworkUse& use, const std::vector<Settings>& settings,
                       std::map<std::string, FrameworkHost>& out) {
    for (const Listed& listed : kListed) {
        if (listed.framework != use.framework->name) continue;
        for (const Settings& from : settings)
            for (const std::string& name : names_in(from, listed.setting)) {
                FrameworkHost host{name, from.tree->file(), false, nixsyntax::path_parts(listed.setting),
                                   listed.is_module};
                host.entry.push_back(name);
                if (!is_darwin(settings, host.entry)) out.try_emplace(name, std::move(host));
            }
    }
}

/// denix: any file may hold `delib.host { name = "carbon"; … }`.
void hosts_of_denix(Sources& sources, std::map<std::string, FrameworkHost>& out) {
    for (const std::string& file : sources.all_nix_files()) {
        if (sources.text(file).value_or("").find(".host") == std::string::npos) continue;
        const Tree* tree = sources.tree_or_null(file);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::apply) || !tree->text(tree->child(id, 0)).ends_with(".host")) continue;
            const NodeId name =
                nixsyntax::find_value(*tree, nixsyntax::strip_parens(*tree, tree->child(id, 1)), "name");
            const auto text = name == kNone ? std::nullopt : text_of(*tree, name);
            if (text) out.try_emplace(*text, FrameworkHost{*text, file, false, {}, false});
        }
    }
}

/// den: `den.hosts.x86_64-linux.carbon`, in any file.
void hosts_of_den(Sources& sources, std::map<std::string, FrameworkHost>& out) {
    for (const std::string& file : sources.all_nix_files()) {
        if (sources.text(file).value_or("").find("hosts") == std::string::npos) continue;
        const Tree* tree = sources.tree_or_null(file);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::binding)) continue;
            const auto path = full_path(*tree, id);
            if (path.size() > 3 && path[0] == "den" && path[1] == "hosts" && path[2].ends_with("-linux"))
                out.try_emplace(path[3], FrameworkHost{path[3], file, false, {}, false});
        }
    }
}

}  // namespace

std::vector<FrameworkHost> framework_hosts(Sources& sources, const Outline& outline, const FrameworkUse& use) {
    if (use.framework == nullptr) return {};
    const auto settings = framework_settings(sources, outline, use);
    std::map<std::string, FrameworkHost> listed;
    hosts_in_settings(use, settings, listed);
    std::map<std::string, FrameworkHost> found;
    hosts_in_folders(sources, use, settings, found);
    if (use.framework->name == "denix") hosts_of_denix(sources, found);
    if (use.framework->name == "den") hosts_of_den(sources, found);
    // lite-config makes the hosts that are listed, whatever else its folder holds.
    const bool only_listed = use.framework->name == "lite-config" && !listed.empty();
    std::vector<FrameworkHost> out;
    for (auto& [name, host] : found)
        if (!only_listed || listed.contains(name)) out.push_back(std::move(host));
    for (auto& [name, host] : listed)
        if (!found.contains(name)) out.push_back(std::move(host));
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
}

}  // namespace lf::flake
