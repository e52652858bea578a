// SPDX-License-Identifier: MIT
#include "flake/inputs_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "flake/layout.h"

namespace lf::flake {
namespace {

using Path = std::vector<std::string>;

/// The names that are defined around a place, nearest first.
std::vector<std::string> names_around(const Tree& tree, NodeId place) {
    std::vector<std::string> out;
    const auto add = [&](std::string_view name) { out.emplace_back(name); };
    for (NodeId owner = tree.parent(place); owner != kNone; owner = tree.parent(owner)) {
        const auto lambda = nixsyntax::lambda_parts(tree, owner);
        if (tree.is(owner, Kind::lambda) && lambda.formals != kNone)
            for (const NodeId formal : tree.children(lambda.formals)) add(tree.text(tree.child(formal, 0)));
        if (tree.is(owner, Kind::lambda) && lambda.argument != kNone) add(tree.text(lambda.argument));
        if (!tree.is(owner, Kind::let) && !tree.has(owner, nixsyntax::kRecursive)) continue;
        for (const NodeId entry : nixsyntax::entries(tree, owner)) {
            const auto inherited = nixsyntax::inherit_names(tree, entry);
            for (const NodeId name : inherited) add(tree.text(name));
            if (tree.is(entry, Kind::binding)) add(tree.text(tree.child(nixsyntax::binding_path(tree, entry), 0)));
        }
    }
    return out;
}

class Viewer {
  public:
    Viewer(const Outline& outline, const Site& site, Ref place, const std::string& input)
        : outline_(outline), site_(site), place_(place), input_(input) {}

    InputsView run() const {
        // In flake.nix the argument of outputs is what its owner calls them.
        const Tree& tree = *place_.tree;
        const auto definition = nixsyntax::resolve(tree, place_.id, outline_.argument);
        if (!outline_.argument.empty() && Ref{&tree, definition.owner} == outline_.outputs)
            return {InputsView::Kind::all, outline_.argument};
        if (is(input_, Path{"inputs", input_})) return {InputsView::Kind::one, input_};
        if (is("inputs", Path{"inputs"})) return {InputsView::Kind::all, "inputs"};
        const auto names = names_around(tree, place_.id);
        for (const std::string& name : names)
            if (is(name, Path{"inputs"})) return {InputsView::Kind::all, name};
        for (const std::string& name : names)
            if (holds(name)) return {InputsView::Kind::holder, name};
        return {};
    }

  private:
    template <class Test>
    bool all_hosts(const Test& test) const {
        return !site_.hosts.empty() && std::all_of(site_.hosts.begin(), site_.hosts.end(),
                                                   [&](std::size_t host) { return test(outline_.hosts[host].bound); });
    }
    bool is(const std::string& name, const Path& origin) const {
        if (nixsyntax::resolve(*place_.tree, place_.id, name).definer == kNone) return false;
        return all_hosts([&](const Bound& bound) { return outline_.values->origin(place_, name, bound) == origin; });
    }
    /// Does it have the inputs as an attribute?
    bool holds(const std::string& name) const {
        const NodeId definer = nixsyntax::resolve(*place_.tree, place_.id, name).definer;
        if (definer == kNone) return false;
        return all_hosts([&](const Bound& bound) {
            if (outline_.values->origin(place_, name, bound) == Path{"inputs", "self"}) return true;
            const auto given = bound.values.find({place_.tree, definer});
            return given != bound.values.end() &&
                   outline_.values->origin_of_attribute(given->second, "inputs", bound) == Path{"inputs"};
        });
    }

    const Outline& outline_;
    const Site& site_;
    Ref place_;
    const std::string& input_;
};

}  // namespace

InputsView inputs_view(const Outline& outline, const Site& site, Ref place, const std::string& input) {
    return Viewer(outline, site, place, input).run();
}

std::string inputs_bindings(const Tree& tree, const InputsView& view, const std::string& input) {
    const bool own_name = input != "llama-cpp";
    switch (view.kind) {
        case InputsView::Kind::none: return {};
        case InputsView::Kind::one:
            return own_name ? fmt::format("inputs.llama-cpp = {};", input)
                            : "inputs = " + bracketed(tree, '{', "inherit llama-cpp;", '}') + ";";
        case InputsView::Kind::all:
            if (own_name) return fmt::format("inputs.llama-cpp = {}.{};", view.name, input);
            return view.name == "inputs" ? "inherit inputs;" : fmt::format("inputs = {};", view.name);
        case InputsView::Kind::holder:
            return own_name ? fmt::format("inputs.llama-cpp = {}.inputs.{};", view.name, input)
                            : fmt::format("inherit ({}) inputs;", view.name);
    }
    return {};
}

}  // namespace lf::flake
