// SPDX-License-Identifier: MIT
#include "flake/outline.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/text.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;

/// Frameworks that make hosts out of folders or of their own functions: the name of the input, or the repository.
struct Framework {
    std::string_view name;
    std::string_view repository;
};
constexpr std::array kFrameworks{
    Framework{"snowfall-lib", "snowfallorg/lib"},
    Framework{"flake-utils-plus", "gytis-ivaskevicius/flake-utils-plus"},
    Framework{"blueprint", "numtide/blueprint"},
    Framework{"flakelight", "nix-community/flakelight"},
    Framework{"lite-config", "yelite/lite-config"},
    Framework{"clan-core", "clan-core"},
    Framework{"nixos-unified", "srid/nixos-unified"},
    Framework{"easy-hosts", "tgirlcloud/easy-hosts"},
    Framework{"nixus", "Infinisil/nixus"},
    Framework{"digga", "divnix/digga"},
    Framework{"hive", "divnix/hive"},
    Framework{"nilla", "nilla-nix/nilla"},
    Framework{"import-tree", "vic/import-tree"},
    Framework{"flake-parts", "hercules-ci/flake-parts"},
};

/// What people have in place of NixOS hosts, and what to say about it.
struct Instead {
    std::string_view attribute;
    std::string_view says;
};
constexpr std::array kInstead{
    Instead{"nixosConfiguration", "it has nixosConfiguration, which Nix does not look at: is an s missing?"},
    Instead{"nixosConfig", "it has nixosConfig, which Nix does not look at: nixosConfigurations is meant"},
    Instead{"darwinConfigurations", "it has macOS hosts only (darwinConfigurations)"},
    Instead{"homeConfigurations", "it has Home Manager configurations only (homeConfigurations)"},
    Instead{"colmena", "it has colmena nodes only"},
};

std::string framework_of(const Outline& outline) {
    const Tree& tree = *outline.tree;
    for (const Framework& framework : kFrameworks) {
        if (std::find(outline.inputs.begin(), outline.inputs.end(), framework.name) != outline.inputs.end())
            return std::string(framework.name);
        for (const Found& found : nixsyntax::find_bindings(tree, outline.root, "inputs"))
            if (tree.text(found.entry).find(framework.repository) != std::string_view::npos)
                return std::string(framework.name);
    }
    return {};
}

Error shape_error(const Tree& tree, NodeId at, std::string message) {
    return tree.at(world_error("flake-shape", std::move(message)), at);
}

Error no_hosts(const Outline& outline) {
    std::string why = "the flake has no nixosConfigurations";
    Ref at{outline.tree, outline.root};
    const Ref root = at;
    walk(*outline.outputs.tree, outline.body, [&](NodeId node) {
        if (at != root || !outline.outputs.tree->is(node, Kind::binding)) return true;
        const auto path = full_path(*outline.outputs.tree, node);
        for (const Instead& instead : kInstead)
            if (std::find(path.begin(), path.end(), instead.attribute) != path.end() && at == root) {
                why = fmt::format("{}; {}", why, instead.says);
                at = {outline.outputs.tree, node};
            }
        return true;
    });
    return at.tree->at(
        world_error("flake-no-hosts", std::move(why),
                    "llama-fleet fits NixOS hosts: nixosConfigurations.<host> = nixpkgs.lib.nixosSystem { … }"),
        at.id);
}

/// Functions that are given all inputs and make no hosts: `import ./shell.nix inputs`. Values learns of their formals.
void find_receivers(const Outline& outline, const Bound& bound) {
    const Tree& tree = *outline.outputs.tree;
    walk(tree, outline.body, [&](NodeId node) {
        if (!tree.is(node, Kind::apply)) return true;
        const auto parts = tree.children(node);
        const bool all = std::any_of(parts.begin() + 1, parts.end(), [&](NodeId part) {
            return outline.values->has_all_inputs({&tree, part}, bound);
        });
        Bound copy = bound;
        if (all) outline.values->value_of({&tree, node}, copy);
        return true;
    });
}

}  // namespace

std::vector<std::string> input_names(const Tree& tree, NodeId root) {
    std::vector<std::string> out;
    const auto add = [&](NodeId attr_path, std::size_t n) {
        if (const auto name = nixsyntax::attr_name(tree, tree.child(attr_path, n));
            name && std::find(out.begin(), out.end(), *name) == out.end())
            out.push_back(*name);
    };
    for (const Found& found : nixsyntax::find_bindings(tree, root, "inputs")) {
        if (found.match == Match::deeper) add(nixsyntax::binding_path(tree, found.entry), 1);
        if (found.match != Match::exact || found.value == kNone) continue;
        for (const NodeId entry : nixsyntax::entries(tree, nixsyntax::strip_parens(tree, found.value)))
            if (tree.is(entry, Kind::binding)) add(nixsyntax::binding_path(tree, entry), 0);
    }
    return out;
}

Result<Outline> read_outline(Sources& sources) {
    LF_ASSIGN(const Tree* tree, sources.tree("flake.nix"));
    Outline out;
    out.tree = tree;
    out.root = nixsyntax::strip_parens(*tree, tree->root());
    if (!tree->is(out.root, Kind::set))
        return fail(shape_error(*tree, out.root, "a flake is an attribute set: { inputs, outputs }"));
    out.inputs = input_names(*tree, out.root);
    const NodeId outputs = nixsyntax::find_value(*tree, out.root, "outputs");
    if (outputs == kNone) return fail(shape_error(*tree, out.root, "the flake has no outputs"));
    out.values = std::make_shared<Values>(sources);
    Bound bound;
    out.outputs = out.values->value_of({tree, outputs}, bound);
    out.values->set_outputs(out.outputs);
    const Tree& made_by = *out.outputs.tree;
    const nixsyntax::Lambda lambda = nixsyntax::lambda_parts(made_by, out.outputs.id);
    if (lambda.body == kNone) {
        out.framework = "another file";
        return out;
    }
    out.formals = lambda.formals;
    out.body = lambda.body;
    if (lambda.argument != kNone) out.argument = std::string(made_by.text(lambda.argument));
    find_hosts(out, bound);
    find_receivers(out, bound);
    if (out.hosts.empty()) {
        out.framework = framework_of(out);
        if (out.framework.empty() && out.hosts_elsewhere) out.framework = "another file";
        if (out.framework.empty()) return fail(no_hosts(out));
    }
    return out;
}

}  // namespace lf::flake
