// SPDX-License-Identifier: MIT
#include "flake/homes.h"

#include <algorithm>

namespace lf::flake {

bool names_overlay(Work& work, const Tree& tree, NodeId node) {
    constexpr int kMaxNames = 200;
    std::set<NodeId> seen;
    std::vector<NodeId> todo{node};
    bool found = false;
    for (int n = 0; !todo.empty() && !found && n < kMaxNames; ++n) {
        const NodeId start = todo.back();
        todo.pop_back();
        walk(tree, start, [&](NodeId at) {
            if (tree.is(at, Kind::path))
                found = found || work.sources.nix_file(tree.file(), text_of(tree, at).value_or("/")) == work.overlay;
            const NodeId value = tree.is(at, Kind::identifier) ? nixsyntax::resolve(tree, at).value : kNone;
            if (value != kNone && seen.insert(value).second) todo.push_back(value);
            return !found;
        });
    }
    return found;
}

bool lists_llama(const Tree& tree, NodeId node) {
    bool found = false;
    walk(tree, node, [&](NodeId at) {
        found = found || (tree.is(tree.parent(at), Kind::list) && is_llama_package(tree, at));
        return !found;
    });
    return found;
}

/// All bindings of the host's files, and of the file that makes it where they are not another host's.
template <class Visit>
void Homes::each_binding(std::size_t host, const Visit& visit) const {
    const std::size_t own = outline_.hosts[host].site;
    const auto in_tree = [&](const Tree& tree, bool home) {
        for (NodeId id = 0; id < tree.size(); ++id) {
            if (!tree.is(id, Kind::binding)) continue;
            const bool of_another = std::any_of(outline_.sites.begin(), outline_.sites.end(), [&](const Site& site) {
                return site.arguments.tree == &tree && &site != &outline_.sites[own] &&
                       tree.span(site.arguments.id).contains(tree.span(id));
            });
            if (!of_another) visit(tree, id, home);
        }
    };
    if (own == kNoSite) return;
    in_tree(outline_.sites[own].tree(), false);
    if (outline_.sites[own].arguments.tree != outline_.tree) in_tree(*outline_.tree, false);
    for (const Reached& reached : reach_.files(host)) {
        const Tree* tree = reached.path == work_.overlay ? nullptr : work_.sources.tree_or_null(reached.path);
        if (tree != nullptr && tree != outline_.tree) in_tree(*tree, reached.home);
    }
}

GlobalPackages Homes::global(std::size_t host) const {
    GlobalPackages out = GlobalPackages::no;
    each_binding(host, [&](const Tree& tree, NodeId binding, bool) {
        if (!ends_with(full_path(tree, binding), {"home-manager", "useGlobalPkgs"})) return;
        const NodeId value =
            nixsyntax::call_parts(tree, nixsyntax::strip_parens(tree, nixsyntax::binding_value(tree, binding))).back();
        if (tree.text(value) == "true") out = GlobalPackages::yes;
        else if (tree.text(value) != "false" && out == GlobalPackages::no) out = GlobalPackages::unknown;
    });
    return out;
}

bool Homes::has_overlay(std::size_t host) const {
    bool found = false;
    each_binding(host, [&](const Tree& tree, NodeId binding, bool home) {
        const auto path = full_path(tree, binding);
        const bool of_home = home || std::find(path.begin(), path.end(), "home-manager") != path.end();
        const bool place =
            !path.empty() && (path.back() == "sharedModules" || ends_with(path, {"nixpkgs", "overlays"}));
        found = found || (of_home && place && names_overlay(work_, tree, nixsyntax::binding_value(tree, binding)));
    });
    return found;
}

bool Homes::has_llama(std::size_t host) const {
    bool found = false;
    each_binding(host, [&](const Tree& tree, NodeId binding, bool) {
        found = found || (ends_with(full_path(tree, binding), {"home", "packages"}) &&
                          lists_llama(tree, nixsyntax::binding_value(tree, binding)));
    });
    return found;
}

bool Homes::allows_unfree(std::size_t host) const {
    bool found = false;
    each_binding(host, [&](const Tree& tree, NodeId binding, bool home) {
        const auto path = full_path(tree, binding);
        const bool of_home = home || std::find(path.begin(), path.end(), "home-manager") != path.end();
        found = found || (of_home && !path.empty() && path.back().starts_with("allowUnfree"));
    });
    return found;
}

bool Homes::uses_home_manager(std::size_t host) const {
    bool found = false;
    each_binding(host, [&](const Tree& tree, NodeId binding, bool home) {
        const auto path = full_path(tree, binding);
        found = found || home || std::find(path.begin(), path.end(), "home-manager") != path.end();
    });
    return found;
}

}  // namespace lf::flake
