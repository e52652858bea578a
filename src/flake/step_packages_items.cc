// SPDX-License-Identifier: MIT
#include "flake/step_packages_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "flake/names.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

using nixsyntax::Scope;

/// The arguments of `item` that have another name: identifiers and names alike.
struct Use {
    NodeId node = kNone;
    const ArgumentName* renamed = nullptr;
};
std::vector<Use> renamed_arguments(const Tree& tree, NodeId item) {
    std::vector<Use> out;
    walk(tree, item, [&](NodeId node) {
        if (tree.is(node, Kind::name) || tree.is(node, Kind::identifier))
            for (const ArgumentName& renamed : kArgumentNames)
                if (!renamed.nixpkgs.empty() && !renamed.official.empty() && tree.text(node) == renamed.nixpkgs)
                    out.push_back({node, &renamed});
        return true;
    });
    return out;
}

bool names_pkgs_item(const Tree& tree, NodeId identifier) {
    const Scope scope = nixsyntax::resolve(tree, identifier).scope;
    return with_pkgs(tree, identifier) && (scope == Scope::with || scope == Scope::none);
}

/// In `(pkgs.llama-cpp.override { … }).overrideAttrs (…)` the node that is to be exchanged for a package, `pkgs.x` or
/// `x`: from its first to its last byte. Empty = the item is no override of a package of pkgs.
nixsyntax::Span overridden(const Tree& tree, NodeId item, std::string& name) {
    NodeId id = nixsyntax::call_parts(tree, item).front();
    while (tree.is(id, Kind::select) && tree.is(nixsyntax::strip_parens(tree, tree.child(id, 0)), Kind::apply))
        id = nixsyntax::call_parts(tree, tree.child(id, 0)).front();
    const auto parts = nixsyntax::dotted_name(tree, id);
    if (!parts || parts->size() < 2 || (parts->back() != "override" && parts->back() != "overrideAttrs")) return {};
    const NodeId first = tree.child(id, 0);
    name = (*parts)[parts->size() - 2];
    if (parts->size() == 2 && names_pkgs_item(tree, nixsyntax::strip_parens(tree, first))) return tree.span(first);
    if (parts->size() == 3 && parts->front() == "pkgs")
        return {tree.span(first).begin, tree.span(tree.child(tree.child(id, 1), 0)).end};
    return {};
}

/// The last word of the function: `lib.mkForce` and `mkForce` alike.
bool calls(const Tree& tree, const std::vector<NodeId>& call, std::string_view name, std::size_t arguments) {
    const auto function = nixsyntax::dotted_name(tree, call.front());
    return call.size() == arguments + 1 && function && function->back() == name;
}

}  // namespace

std::vector<NodeId> llama_items(const Tree& tree, NodeId value) {
    std::vector<NodeId> out;
    walk(tree, value, [&](NodeId node) {
        const NodeId up = tree.parent(node);
        const bool optional = tree.is(up, Kind::apply) && tree.last_child(up) == node && tree.child(up, 0) != node &&
                              tree.text(nixsyntax::call_parts(tree, up).front()).ends_with("optional");
        if (!tree.is(up, Kind::list) && !optional) return true;
        const NodeId item = nixsyntax::follow(tree, node);
        const bool found = is_llama_package(tree, node) || (item != node && is_llama_package(tree, item));
        const NodeId named = is_llama_package(tree, node) ? node : item;
        if (found && std::find(out.begin(), out.end(), named) == out.end()) out.push_back(named);
        return !found;
    });
    return out;
}

bool with_pkgs(const Tree& tree, NodeId node) {
    for (NodeId at = node; at != kNone; at = tree.parent(at))
        if (tree.is(at, Kind::with) && tree.text(nixsyntax::strip_parens(tree, tree.child(at, 0))) == "pkgs")
            return true;
    return false;
}

bool sees_pkgs(const Tree& tree, NodeId node) {
    const Scope scope = nixsyntax::resolve(tree, node, "pkgs").scope;
    return scope == Scope::formal || scope == Scope::argument || scope == Scope::let;
}

std::string name_at(const Tree& tree, NodeId place, const std::string& package) {
    const Scope hidden = nixsyntax::resolve(tree, place, package).scope;
    if (with_pkgs(tree, place) && (hidden == Scope::with || hidden == Scope::none)) return package;
    return sees_pkgs(tree, place) ? "pkgs." + package : "";
}

NodeId plain_name(const Tree& tree, NodeId item) {
    const NodeId id = nixsyntax::strip_parens(tree, item);
    if (tree.is(id, Kind::identifier)) return names_pkgs_item(tree, id) ? id : kNone;
    const auto parts = nixsyntax::dotted_name(tree, id);
    if (!parts || parts->size() != 2 || parts->front() != "pkgs") return kNone;
    return tree.child(tree.child(id, 1), 0);
}

bool is_fitting_override(const Tree& tree, NodeId item, const std::string& package) {
    std::string name;
    return !overridden(tree, item, name).empty() && name == package && renamed_arguments(tree, item).empty();
}

std::string in_its_place(const Tree& tree, NodeId item, const std::string& package) {
    std::string name = name_at(tree, item, package);
    if (name.empty()) name = "pkgs." + package;
    std::string old;
    const nixsyntax::Span span = overridden(tree, item, old);
    if (span.empty()) return name;
    const std::uint32_t begin = tree.span(item).begin;
    std::string text(tree.text(item));
    auto uses = renamed_arguments(tree, item);
    // From the end to the start, so that offsets stay right; the package stands before all arguments.
    std::sort(uses.begin(), uses.end(),
              [&](const Use& a, const Use& b) { return tree.span(a.node).begin > tree.span(b.node).begin; });
    for (const Use& use : uses)
        text.replace(tree.span(use.node).begin - begin, tree.span(use.node).size(), use.renamed->official);
    return text.replace(span.begin - begin, span.size(), name);
}

std::string why_own_choice(const Tree& tree, NodeId item, const std::string& package) {
    std::string ignored;
    if (overridden(tree, item, ignored).empty())
        return fmt::format("{} is your own choice and not the package of the plan, {}", shown_item(tree, item),
                           package);
    std::vector<std::string> renamed;
    for (const Use& use : renamed_arguments(tree, item)) {
        std::string text = fmt::format("{} is {}", use.renamed->nixpkgs, use.renamed->official);
        if (std::find(renamed.begin(), renamed.end(), text) == renamed.end()) renamed.push_back(std::move(text));
    }
    return fmt::format(
        "{} is your own choice; the package of the plan is {}, and nixpkgs' package has other "
        "override arguments and attributes than the official one{}",
        shown_item(tree, item), package, renamed.empty() ? "" : ": " + join(renamed, ", "));
}

std::string shown_item(const Tree& tree, NodeId item) {
    constexpr std::size_t kLongest = 60;
    std::string out;
    for (const char c : tree.text(item)) {
        const bool blank = std::isspace(static_cast<unsigned char>(c)) != 0;
        if (!blank || (!out.empty() && out.back() != ' ')) out += blank ? ' ' : c;
    }
    if (out.size() > kLongest) out = out.substr(0, kLongest) + " …";
    return printable(out);
}

bool is_forced(const Tree& tree, NodeId value) {
    const auto call = nixsyntax::call_parts(tree, nixsyntax::result_of(tree, value));
    return calls(tree, call, "mkForce", 1) || calls(tree, call, "mkOverride", 2);
}

std::vector<NodeId> option_literals(const Tree& tree, NodeId value) {
    for (;;) {
        const auto call = nixsyntax::call_parts(tree, nixsyntax::result_of(tree, value));
        const bool through = calls(tree, call, "mkForce", 1) || calls(tree, call, "mkOverride", 2) ||
                             calls(tree, call, "mkBefore", 1) || calls(tree, call, "mkAfter", 1);
        if (!through) return nixsyntax::list_literals(tree, value);
        value = call.back();
    }
}

}  // namespace lf::flake
