// SPDX-License-Identifier: MIT
#include "flake/main_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/own_file.h"
#include "flake/step_packages_items.h"

namespace lf::flake {
namespace {

// What people call the file of a machine in the machine's folder.
constexpr std::array<std::string_view, 6> kMainNames{"default", "configuration", "system", "host", "machine", "nixos"};
// Files of lists.
constexpr std::array<std::string_view, 6> kListNames{"package", "pkgs", "program", "software", "apps", "tools"};

std::string_view stem(std::string_view path) {
    path.remove_prefix(path.rfind('/') + 1);
    return path.substr(0, path.rfind(".nix"));
}
std::string_view folder(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string_view::npos) return {};
    path = path.substr(0, slash);
    return path.substr(path.rfind('/') + 1);
}
bool has_main_name(std::string_view path) {
    return std::find(kMainNames.begin(), kMainNames.end(), stem(path)) != kMainNames.end();
}

/// A module of Home Manager, which has no environment.systemPackages: by what it sets, or by where people keep such
/// files.
bool is_of_a_home(const Tree& tree, const std::string& host) {
    constexpr std::array<std::string_view, 5> kHomes{"home", "homes", "home-manager", "hm", "home.nix"};
    for (const std::string_view part : split(tree.file(), '/'))
        if (part != host && std::find(kHomes.begin(), kHomes.end(), part) != kHomes.end()) return true;
    const NodeId set = module_set(tree, tree.root());
    return set != kNone && !nixsyntax::find_bindings(tree, set, "home").empty();
}

bool says_who_it_is(const Tree& tree) {
    const NodeId set = module_set(tree, tree.root());
    return set != kNone && (!nixsyntax::find_bindings(tree, set, "networking.hostName").empty() ||
                            !nixsyntax::find_bindings(tree, set, "system.stateVersion").empty());
}

/// Does the name `pkgs` mean the argument of the module where its set stands?
bool hides_pkgs(const Tree& tree, NodeId set) {
    const auto definition = nixsyntax::resolve(tree, set, "pkgs");
    return definition.definer != kNone && definition.owner != nixsyntax::strip_parens(tree, tree.root());
}

/// What the file defines: its set, or that of `config` where it has options of its own.
NodeId configured(const Tree& tree, NodeId set) {
    const NodeId config = nixsyntax::find_value(tree, set, "config");
    if (config == kNone) return set;
    const NodeId inner = nixsyntax::strip_parens(tree, config);
    return tree.is(inner, Kind::set) ? inner : kNone;
}

/// Has the module pkgs, or can it get it?
bool open_for_pkgs(const Tree& tree, NodeId root, nixsyntax::EditSet& edits) {
    if (tree.is(root, Kind::set)) {
        // alejandra, the one formatter that makes such a head tight, keeps the brace on its line.
        const std::string end = is_tight(tree) ? " " : nixsyntax::file_style(tree).newline;
        edits.insert(tree.span(root).begin, bracketed(tree, '{', "pkgs, ...", '}') + ":" + end);
        return nixsyntax::starts_line(tree, root);
    }
    const NodeId formals = nixsyntax::lambda_parts(tree, root).formals;
    if (formals == kNone) return false;
    if (nixsyntax::find_formal(tree, formals, "pkgs") != kNone) return true;
    if (!tree.has(formals, nixsyntax::kEllipsis)) return false;
    add_formal(tree, formals, "pkgs", edits);
    return true;
}

}  // namespace

std::string main_file(const Work& work, const Outline& outline, const Reach& reach, std::size_t host) {
    const std::string& name = outline.hosts[host].name;
    std::array<std::string, 5> best;
    bool first = true;
    for (const Reached& reached : reach.files(host)) {
        const std::string& path = reached.path;
        const Tree* tree = reached.home || path == work.overlay ? nullptr : work.sources.tree_or_null(path);
        if (tree == nullptr || is_hardware_file(path) || is_of_a_home(*tree, name)) continue;
        const bool is_first = first && reached.direct;
        first = first && !reached.direct;
        if (reach.users(path).size() != 1 || !reach.always(path)) continue;
        const std::array<bool, 5> ranks{stem(path) == name, folder(path) == name && has_main_name(path),
                                        reached.direct && has_main_name(path), reached.direct && says_who_it_is(*tree),
                                        is_first};
        for (std::size_t i = 0; i < ranks.size(); ++i)
            if (ranks[i] && best[i].empty()) best[i] = path;
    }
    const auto* found = std::find_if(best.begin(), best.end(), [](const std::string& path) { return !path.empty(); });
    return found == best.end() ? std::string() : *found;
}

bool is_general_list(const Tree& tree, NodeId value) {
    constexpr std::size_t kMany = 4;
    const std::string_view name = stem(tree.file());
    if (std::any_of(kListNames.begin(), kListNames.end(),
                    [&](std::string_view word) { return name.find(word) != std::string_view::npos; }))
        return true;
    std::size_t items = 0;
    for (const NodeId list : option_literals(tree, value)) items += tree.children(list).size();
    return items >= kMany;
}

bool add_package_list(const Tree& tree, const std::string& package, nixsyntax::EditSet& edits) {
    const NodeId root = nixsyntax::strip_parens(tree, tree.root());
    const NodeId module = module_set(tree, root);
    const NodeId set = module == kNone ? kNone : configured(tree, module);
    if (set == kNone || hides_pkgs(tree, set)) return false;
    if (!nixsyntax::find_bindings(tree, module, "environment.systemPackages").empty() ||
        !nixsyntax::find_bindings(tree, set, "environment.systemPackages").empty())
        return false;
    const std::string list = bracketed(tree, '[', "pkgs." + package, ']');
    const auto text = [&](const char* name) {
        const std::string line = fmt::format("{} = {};", name, list);
        return Block{line, {{0, line}}, true};
    };
    const NodeId environment = nixsyntax::find_value(tree, set, "environment");
    nixsyntax::EditSet own;
    if (environment != kNone) {
        const NodeId inner = nixsyntax::strip_parens(tree, environment);
        if (!tree.is(inner, Kind::set)) return false;
        append_item(tree, inner, text("systemPackages"), own, Gap::none);
    } else {
        const NodeId behind = last_but_state_version(tree, set);
        if (behind == kNone || nixsyntax::item_style(tree, set).one_line) return false;
        insert_behind(tree, behind, text("environment.systemPackages"), own);
    }
    if (!open_for_pkgs(tree, root, own)) return false;
    edits = std::move(own);
    return true;
}

}  // namespace lf::flake
