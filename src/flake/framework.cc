// SPDX-License-Identifier: MIT
#include "flake/framework.h"

#include <algorithm>

#include "base/text.h"
#include "flake/input_address.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;

constexpr std::array kFrameworks{
    Framework{"snowfall-lib",
              {"snowfallorg/lib"},
              {"mkFlake", "mkLib"},
              false,
              InputsAs::argument,
              {},
              false,
              "add it to the imports of systems/<system>/<host>/default.nix"},
    Framework{"digga",
              {"divnix/digga"},
              {"lib.mkFlake"},
              false,
              InputsAs::argument,
              {},
              true,
              "add it to nixos.hosts.<host>.modules"},
    Framework{"flake-utils-plus",
              {"gytis-ivaskevicius/flake-utils-plus"},
              {"lib.mkFlake", "mkFlake", "lib.systemFlake"},
              false,
              InputsAs::argument,
              {},
              false,
              "add it to hosts.<host>.modules"},
    Framework{"blueprint",
              {"numtide/blueprint"},
              {".", "lib.mkBlueprint"},
              false,
              InputsAs::argument,
              {},
              false,
              "add it to the imports of hosts/<host>/configuration.nix"},
    Framework{"flakelight",
              {"nix-community/flakelight", "accelbread/flakelight"},
              {".", "lib.mkFlake", "mkFlake"},
              false,
              InputsAs::argument,
              {},
              true,
              "add it to nixosConfigurations.<host>.modules"},
    Framework{"clan-core",
              {"clan/clan-core", "clan-lol/clan-core"},
              {"lib.clan", "lib.buildClan", "clanLib.buildClan"},
              true,
              InputsAs::self,
              {"specialArgs", "clan.specialArgs"},
              false,
              "add it to the imports of machines/<host>/configuration.nix"},
    Framework{"lite-config",
              {"yelite/lite-config"},
              {},
              true,
              InputsAs::argument,
              {},
              false,
              "add it to the imports of the host's module, <hostModuleDir>/<host>"},
    Framework{"easy-hosts",
              {"tgirlcloud/easy-hosts", "isabelroses/easy-hosts"},
              {},
              true,
              InputsAs::argument,
              {},
              false,
              "add it to easy-hosts.hosts.<host>.modules"},
    Framework{"ez-configs",
              {"ehllie/ez-configs"},
              {},
              true,
              InputsAs::owner,
              {"ezConfigs.globalArgs"},
              false,
              "add it to the imports of nixos-configurations/<host>"},
    Framework{"nixos-unified",
              {"srid/nixos-unified", "srid/nixos-flake"},
              {"lib.mkFlake"},
              true,
              InputsAs::flake,
              {},
              true,
              "add it to the imports of configurations/nixos/<host>/default.nix"},
    Framework{"denix",
              {"yunfachi/denix"},
              {"lib.configurations"},
              false,
              InputsAs::owner,
              {"specialArgs"},
              true,
              "add it to nixos.imports of the host's delib.host"},
    Framework{"hive", {"divnix/hive"}, {"*"}, false, InputsAs::nobody, {}, true, "add it to the overlays of bee.pkgs"},
    Framework{"std",
              {"divnix/std"},
              {"growOn", "grow"},
              false,
              InputsAs::nobody,
              {},
              true,
              "add it to the overlays where the host's pkgs is made"},
    Framework{"den", {"vic/den", "denful/den"}, {}, true, InputsAs::file, {}, true, "add it to the host's aspect"},
    Framework{"import-tree",
              {"vic/import-tree", "denful/import-tree"},
              {"*"},
              false,
              InputsAs::file,
              {},
              true,
              "add it to the host's modules"},
    Framework{"flake-parts",
              {"hercules-ci/flake-parts"},
              {"lib.mkFlake"},
              false,
              InputsAs::argument,
              {},
              false,
              "add it to the host's modules"},
    Framework{"haumea",
              {"nix-community/haumea"},
              {"lib.load"},
              false,
              InputsAs::argument,
              {},
              true,
              "add it to the host's modules"},
};

/// By the address of the input. Its name decides only where the address tells no repository (a path, the registry), or
/// a fork of that name.
bool is_input_of(const Outline& outline, const std::string& input, const Framework& framework) {
    const auto address = input_repository(*outline.tree, outline.root, input);
    const std::string_view name = address ? std::string_view(*address).substr(address->find('/') + 1) : framework.name;
    return (input == framework.name && name == framework.name) ||
           std::any_of(framework.repositories.begin(), framework.repositories.end(), [&](std::string_view known) {
               return !known.empty() && address &&
                      (*address == known || (input == framework.name && known.ends_with("/" + std::string(name))));
           });
}

bool is_call_of(const Framework& framework, const std::vector<std::string>& name) {
    const std::string tail = join(std::span(name).subspan(2), ".");
    return std::any_of(framework.calls.begin(), framework.calls.end(), [&](std::string_view call) {
        return call == "*" || (call == "." && tail.empty()) || (!tail.empty() && call == tail);
    });
}

NodeId settled(const Tree& tree, NodeId id) {
    constexpr int kMaxSteps = 16;
    for (int i = 0; id != kNone && i < kMaxSteps; ++i) {
        const NodeId next = nixsyntax::result_of(tree, nixsyntax::follow(tree, id));
        if (next == id) break;
        id = next;
    }
    return id;
}

/// The set that a value is, functions around it looked through; kNone if it is none.
NodeId settings_set(const Tree& tree, NodeId value) {
    const NodeId set = settled(tree, nixsyntax::innermost_body(tree, settled(tree, value)));
    return tree.is(set, Kind::set) ? set : kNone;
}

/// The call, and what it is given.
FrameworkUse use_of_call(const Outline& outline, const Framework& framework) {
    const Tree& tree = *outline.outputs.tree;
    FrameworkUse use;
    walk(tree, outline.body, [&](NodeId node) {
        if (use.framework != nullptr || !tree.is(node, Kind::apply)) return use.framework == nullptr;
        const auto parts = nixsyntax::call_parts(tree, node);
        const auto name = outline.values->origin({&tree, parts.front()}, {});
        if (name.size() < 2 || name.front() != "inputs" || !is_call_of(framework, name) ||
            !is_input_of(outline, name[1], framework))
            return true;
        use = {&framework, node, settings_set(tree, parts.back())};
        return false;
    });
    // snowfall's library may be made first, and then its mkFlake called.
    if (use.framework != nullptr && framework.name == "snowfall-lib")
        walk(tree, outline.body, [&](NodeId node) {
            if (!tree.is(node, Kind::apply)) return true;
            const auto parts = nixsyntax::call_parts(tree, node);
            const bool flake = tree.text(parts.front()).ends_with("mkFlake");
            if (flake) use.settings = settings_set(tree, parts.back());
            return !flake;
        });
    return use;
}

/// `inputs.x.flakeModule` or `x.flakeModules.default` in the code of a file; comments and strings do not count.
bool names_flake_module(const Tree& tree, const std::string& input) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!tree.is(id, Kind::select)) continue;
        const auto parts = nixsyntax::dotted_name(tree, id).value_or(std::vector<std::string>{});
        const auto at = std::find(parts.begin(), parts.end(), input);
        if (at != parts.end() && at + 1 != parts.end() && (at + 1)->starts_with("flakeModule")) return true;
    }
    return false;
}

/// A module of flake-parts, here or in a file of the repository.
FrameworkUse use_of_module(Sources& sources, const Outline& outline, const Framework& framework) {
    for (const std::string& input : outline.inputs) {
        if (!is_input_of(outline, input, framework)) continue;
        for (const std::string& file : sources.all_nix_files()) {
            if (sources.text(file).value_or("").find("flakeModule") == std::string::npos) continue;
            const Tree* tree = sources.tree_or_null(file);
            if (tree != nullptr && names_flake_module(*tree, input)) return {&framework, kNone, kNone};
        }
    }
    return {};
}

}  // namespace

FrameworkUse find_framework(Sources& sources, const Outline& outline) {
    if (outline.body == kNone) return {};
    FrameworkUse parts;
    for (const Framework& framework : kFrameworks)
        if (framework.name == "flake-parts") parts = use_of_call(outline, framework);
    for (const Framework& framework : kFrameworks) {
        const FrameworkUse called = use_of_call(outline, framework);
        if (called.framework != nullptr) return called;
        if (!framework.module || parts.framework == nullptr) continue;
        const FrameworkUse used = use_of_module(sources, outline, framework);
        if (used.framework != nullptr) return {used.framework, parts.call, parts.settings};
    }
    return {};
}

std::vector<Settings> framework_settings(Sources& sources, const Outline& outline, const FrameworkUse& use) {
    std::vector<Settings> out;
    if (use.settings != kNone) out.push_back({outline.outputs.tree, use.settings});
    // What a library is made with, before its mkFlake is called.
    const NodeId made = use.call == kNone ? kNone
                                          : settings_set(*outline.outputs.tree,
                                                         nixsyntax::call_parts(*outline.outputs.tree, use.call).back());
    if (made != kNone && made != use.settings) out.push_back({outline.outputs.tree, made});
    if (use.framework == nullptr || !use.framework->module) return out;
    // Modules of flake-parts (and clan's own) may set options anywhere.
    constexpr std::array<std::string_view, 5> kOptions{"lite-config", "easy-hosts", "ezConfigs", "clan", "machines"};
    for (const std::string& file : sources.all_nix_files()) {
        if (file == outline.outputs.tree->file()) continue;
        const std::string text = sources.text(file).value_or("");
        if (std::none_of(kOptions.begin(), kOptions.end(),
                         [&](std::string_view option) { return text.find(option) != std::string::npos; }))
            continue;
        const Tree* tree = sources.tree_or_null(file);
        const NodeId set = tree == nullptr ? kNone : settings_set(*tree, tree->root());
        if (set != kNone) out.push_back({tree, set});
    }
    return out;
}

Setting find_setting(const std::vector<Settings>& settings, std::string_view dotted) {
    return find_setting(settings, nixsyntax::path_parts(dotted));
}

Setting find_setting(const std::vector<Settings>& settings, const std::vector<std::string>& wanted) {
    for (const Settings& from : settings) {
        std::vector<std::string> path = wanted;
        NodeId set = from.set;
        while (set != kNone) {
            NodeId next = kNone;
            for (const Found& found : nixsyntax::find_bindings(*from.tree, set, path)) {
                if (found.match == Match::exact && found.value != kNone) return {from.tree, found.value};
                if (found.match != Match::opaque || found.value == kNone) continue;
                next = settings_set(*from.tree, found.value);
                path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(found.matched));
                break;
            }
            set = next;
        }
    }
    return {};
}

}  // namespace lf::flake
