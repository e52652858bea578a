// SPDX-License-Identifier: MIT
// Packages of another instance of nixpkgs (pkgs.unstable.llama-cpp in a service's command line …): no overlay of the
// host reaches them, so they would stay as slow as they were, in silence. Lists of packages are looked at where they
// are edited.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/names.h"
#include "flake/remover.h"
#include "flake/step_packages_items.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

/// In an overlay it is what an overlay is for; in a list of packages it has been judged.
bool is_elsewhere(const Tree& tree, NodeId node) {
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at)) {
        if (tree.is(at, Kind::lambda) && overlay_set(tree, at, true) != kNone) return false;
        if (!tree.is(at, Kind::binding)) continue;
        const auto path = full_path(tree, at);
        if (path.empty()) continue;
        if (path.back() == "systemPackages" || path.back() == "packages" || path.back() == "overlays") return false;
    }
    return true;
}

void look_at(Work& work, const Tree& tree, const std::vector<std::size_t>& hosts, const Outline& outline) {
    const auto text = lines(tree.text());
    for (NodeId id = 0; id < tree.size(); ++id) {
        const auto names = tree.is(id, Kind::select) ? nixsyntax::dotted_name(tree, id) : std::nullopt;
        if (!names || !is_second_instance(*names) || !is_elsewhere(tree, id)) continue;
        const std::uint32_t line = tree.at({}, id).where.line;
        if (allowed_at(text, line).contains("second-instance")) continue;
        const bool told = std::any_of(work.instructions.begin(), work.instructions.end(), [&](const Instruction& it) {
            return it.file == tree.file() && it.line == work.sources.original_line(tree.file(), tree.span(id).begin);
        });
        if (told) continue;
        const std::string package = hosts.size() == 1 ? work.package(outline.hosts[hosts.front()].name) : "llama-cpp";
        const std::string name = name_at(tree, id, package);
        work.by_hand(tree, id, name.empty() ? "pkgs." + package : name,
                     fmt::format("{} is of another package set, which the overlay does not reach; or keep it by the "
                                 "comment # llama-fleet: allow second-instance",
                                 tree.text(id)));
    }
}

}  // namespace

bool makes_own_pkgs(const Tree& tree, NodeId node) {
    bool found = false;
    walk(tree, node, [&](NodeId at) {
        if (tree.is(at, Kind::binding)) found = found || ends_with(full_path(tree, at), {"_module", "args", "pkgs"});
        if (tree.is(at, Kind::select)) found = found || tree.text(at).ends_with("nixosModules.readOnlyPkgs");
        return !found;
    });
    return found;
}

Done find_foreign(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    const Reach reach(work.sources, outline);
    std::map<std::string, std::set<std::size_t>> files;
    for (std::size_t host = 0; host < outline.hosts.size(); ++host) {
        if (!work.hosts.contains(outline.hosts[host].name) || outline.hosts[host].site == kNoSite) continue;
        for (const Reached& reached : reach.files(host)) files[reached.path].insert(host);
        files[outline.sites[outline.hosts[host].site].file()].insert(host);
    }
    for (const auto& [file, hosts] : files) {
        const Tree* tree = file == work.overlay ? nullptr : work.sources.tree_or_null(file);
        if (tree == nullptr) continue;
        look_at(work, *tree, {hosts.begin(), hosts.end()}, outline);
        look_at_overrides(work, *tree,
                          hosts.size() == 1 ? work.package(outline.hosts[*hosts.begin()].name) : "llama-cpp");
    }
    return {};
}

}  // namespace lf::flake
