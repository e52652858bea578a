// SPDX-License-Identifier: MIT
#include "flake/outline.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/framework.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;

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
    Instead{"colmenaHive", "it has colmena nodes only"},
};

/// `outputs = inputs: import ./outputs.nix inputs`: what it makes cannot be seen here.
bool is_imported(const Outline& outline) {
    const Tree& tree = *outline.outputs.tree;
    const NodeId value = nixsyntax::result_of(tree, nixsyntax::follow(tree, outline.body));
    return tree.text(nixsyntax::call_parts(tree, value).front()) == "import";
}

Error shape_error(const Tree& tree, NodeId at, std::string message) {
    return tree.at(world_error("flake-shape", std::move(message)), at);
}

/// nixosConfigurations holds plain data: what each is, so that the owner sees what is meant.
Error no_hosts_but_data(const Outline& outline) {
    constexpr std::size_t kMostNamed = 4;
    std::string what;
    for (std::size_t i = 0; i < std::min(kMostNamed, outline.plain_data.size()); ++i)
        what += fmt::format("{}{} is {}", what.empty() ? "" : ", ", printable(outline.plain_data[i].name),
                            outline.plain_data[i].what);
    const Ref at = outline.plain_data.front().at;
    return at.tree->at(world_error("flake-no-hosts", fmt::format("nixosConfigurations has no hosts: {}", what),
                                   "a host is a call: nixosConfigurations.<host> = lib.nixosSystem { … }"),
                       at.id);
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
    // A framework that nobody has told us of.
    const Tree& made_by = *outline.outputs.tree;
    const NodeId value = nixsyntax::result_of(made_by, nixsyntax::follow(made_by, outline.body));
    const auto parts = nixsyntax::call_parts(made_by, value);
    const auto maker = outline.values->origin({&made_by, parts.front()}, Bound{});
    if (at == root && parts.size() > 1 && !maker.empty()) {
        why = fmt::format("{} that can be seen; its outputs are made by {}", why, printable(join(maker, ".")));
        at = {&made_by, value};
    }
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
        const FrameworkUse use = find_framework(sources, out);
        if (use.framework != nullptr) out.framework = std::string(use.framework->name);
        if (out.framework.empty() && !out.plain_data.empty()) return fail(no_hosts_but_data(out));
        if (out.framework.empty() && (out.hosts_elsewhere || is_imported(out))) out.framework = "another file";
        if (out.framework.empty()) return fail(no_hosts(out));
    }
    return out;
}

}  // namespace lf::flake
