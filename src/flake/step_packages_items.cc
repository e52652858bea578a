// SPDX-License-Identifier: MIT
#include "flake/step_packages_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/text.h"
#include "flake/names.h"
#include "flake/remover.h"
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

/// The names of `inputs.nixpkgs-unstable.legacyPackages.${system}.llama-cpp`; what the text does not tell is "".
std::vector<std::string> names_of(const Tree& tree, NodeId select) {
    std::vector<std::string> out;
    if (!tree.is(select, Kind::select) || tree.children(select).size() != 2) return out;
    const NodeId from = nixsyntax::strip_parens(tree, tree.child(select, 0));
    if (!tree.is(from, Kind::identifier)) return out;
    out.emplace_back(tree.text(from));
    for (const NodeId part : tree.children(tree.child(select, 1)))
        out.push_back(nixsyntax::attr_name(tree, part).value_or(""));
    return out;
}

bool is_of_other_nixpkgs(const std::vector<std::string>& names) {
    if (is_second_instance(names)) return true;
    const auto at = std::find(names.begin(), names.end(), "legacyPackages");
    return at != names.begin() && at != names.end() && names.back().starts_with("llama-cpp") && at + 3 == names.end() &&
           (at - 1)->starts_with("nixpkgs");
}

struct BackendSwitch {
    std::string_view argument;
    std::string_view package;  ///< "" = none has just this
};
constexpr std::array kSwitches{
    BackendSwitch{"cudaSupport", "llama-cpp-cuda"},
    BackendSwitch{"rocmSupport", "llama-cpp-rocm"},
    BackendSwitch{"vulkanSupport", "llama-cpp-vulkan"},
    BackendSwitch{"blasSupport", ""},
    BackendSwitch{"openblasSupport", ""},
    BackendSwitch{"metalSupport", ""},
};

/// `{ cudaSupport = true; rocmSupport = false; }`, `{ config.cudaSupport = true; }`: just the switch of this package.
bool switches_on_only(const Tree& tree, NodeId set, const std::string& package) {
    set = nixsyntax::strip_parens(tree, set);
    if (!tree.is(set, Kind::set) || tree.has(set, nixsyntax::kRecursive)) return false;
    bool on = false;
    for (const NodeId entry : nixsyntax::entries(tree, set)) {
        auto names = tree.is(entry, Kind::binding) ? nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry))
                                                   : std::nullopt;
        if (names && names->size() == 2 && names->front() == "config") names->erase(names->begin());
        if (!names || names->size() != 1) return false;
        const auto* known = std::find_if(kSwitches.begin(), kSwitches.end(), [&](const BackendSwitch& known_switch) {
            return known_switch.argument == names->front();
        });
        const std::string_view value = tree.text(nixsyntax::binding_value(tree, entry));
        if (known == kSwitches.end() || (value != "true" && value != "false")) return false;
        if (value == "true" && known->package != package) return false;
        on = on || value == "true";
    }
    return on;
}

/// Arguments of nixpkgs' package that the overlay takes where they are off: the official one has no such thing.
constexpr std::array<std::string_view, 3> kOnlyOff{"openclSupport", "syclSupport", "cpuArchDynamicDispatch"};
/// It is nixpkgs' name, but no overlay translates it.
constexpr std::string_view kNotTranslated = "openblasSupport";

/// What both packages take: the tools and libraries that they are built with, and the targets of ROCm, a list in one
/// and a text in the other, which the overlay translates. `stdenv` is none: the official package throws where it is
/// set.
constexpr std::array<std::string_view, 16> kOfBoth{
    "rocmGpuTargets", "cudaPackages", "rocmPackages",  "blas",
    "cmake",          "ninja",        "pkg-config",    "git",
    "openssl",        "shaderc",      "spirv-headers", "vulkan-headers",
    "vulkan-loader",  "config",       "lib",           "autoAddDriverRunpath"};

void judge_argument(const std::string& name, bool off, OverrideArguments& out) {
    if (off && std::find(kOnlyOff.begin(), kOnlyOff.end(), name) != kOnlyOff.end()) return;
    if (std::find(kOfBoth.begin(), kOfBoth.end(), name) != kOfBoth.end()) return;
    for (const ArgumentName& known : kArgumentNames) {
        if (known.official.empty()) continue;
        if (known.official == name) return;
        if (known.nixpkgs == name && name != kNotTranslated)
            return out.translated.push_back(fmt::format("{} is {}", known.nixpkgs, known.official));
    }
    out.refused.push_back(name);
}

struct Change {
    nixsyntax::Span span;
    std::string text;
};

/// `{ gone = …; }` in `x.override { … }`: an argument that the official package does not have.
bool is_refused(const Tree& tree, NodeId binding) {
    const NodeId set = tree.parent(binding);
    const NodeId call = tree.is(binding, Kind::binding) && tree.is(set, Kind::set) ? tree.parent(set) : kNone;
    if (!tree.is(call, Kind::apply) || !tree.text(tree.child(call, 0)).ends_with(".override")) return false;
    const auto names = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, binding));
    OverrideArguments judged;
    if (names) judge_argument(names->front(), tree.text(nixsyntax::binding_value(tree, binding)) == "false", judged);
    return !judged.refused.empty();
}

/// Takes the items of lists out that set an option which llama.cpp has no more, and arguments that it does not have.
std::vector<Change> without_lost(const Tree& tree, NodeId item) {
    std::vector<Change> out;
    walk(tree, item, [&](NodeId node) {
        const NodeId up = tree.parent(node);
        const bool flag = tree.is(up, Kind::list) && node != item && names_retired(tree.text(node));
        if (!flag && !is_refused(tree, node)) return true;
        const auto all = tree.is(up, Kind::list) ? tree.children(up) : nixsyntax::entries(tree, up);
        const auto at = std::find(all.begin(), all.end(), node);
        nixsyntax::Span span = tree.span(node);
        if (at + 1 != all.end()) span.end = tree.span(*(at + 1)).begin;
        else if (at != all.begin() && (out.empty() || out.back().span.end != span.begin))
            span.begin = tree.span(*(at - 1)).end;
        else if (tree.text().substr(span.end).starts_with(' ')) ++span.end;
        out.push_back({span, {}});
        return false;
    });
    return out;
}

/// The last word of the function: `lib.mkForce` and `mkForce` alike.
bool calls(const Tree& tree, const std::vector<NodeId>& call, std::string_view name, std::size_t arguments) {
    const auto function = nixsyntax::dotted_name(tree, call.front());
    return call.size() == arguments + 1 && function && function->back() == name;
}

}  // namespace

std::vector<NodeId> llama_items(const Tree& tree, NodeId value, const std::map<std::string, std::string>& more) {
    std::vector<NodeId> out;
    const auto is_llama = [&](NodeId id) {
        const NodeId name = more.empty() ? kNone : plain_name(tree, id);
        return is_llama_package(tree, id) || (name != kNone && more.contains(std::string(tree.text(name))));
    };
    walk(tree, value, [&](NodeId node) {
        const NodeId up = tree.parent(node);
        const bool optional = tree.is(up, Kind::apply) && tree.last_child(up) == node && tree.child(up, 0) != node &&
                              tree.text(nixsyntax::call_parts(tree, up).front()).ends_with("optional");
        if (!tree.is(up, Kind::list) && !optional) return true;
        const NodeId item = nixsyntax::follow(tree, node);
        const bool found = is_llama(node) || (item != node && is_llama(item));
        const NodeId named = is_llama(node) ? node : item;
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

NodeId chosen_item(const Tree& tree, const std::vector<NodeId>& items, const std::string& package) {
    for (const std::string& name : {package, std::string("llama-cpp"), std::string()})
        for (const NodeId item : items) {
            const NodeId plain = plain_name(tree, item);
            if (plain != kNone && (name.empty() || tree.text(plain) == name)) return item;
        }
    return kNone;
}

bool can_become(const Tree& tree, NodeId item, const std::string& package) {
    // Comments are the owner's words, and would be lost.
    if (tree.text(item).find('#') != std::string_view::npos || tree.text(item).find("/*") != std::string_view::npos)
        return false;
    const auto call = nixsyntax::call_parts(tree, nixsyntax::strip_parens(tree, item));
    auto names = names_of(tree, nixsyntax::strip_parens(tree, call.front()));
    if (call.size() == 1) return is_of_other_nixpkgs(names);
    if (call.size() != 2 || names.size() < 2 || names.back() != "override") return false;
    names.pop_back();
    const bool known =
        is_of_other_nixpkgs(names) || (names.back() == "llama-cpp" && (names.size() == 1 || names.front() == "pkgs"));
    return known && switches_on_only(tree, call[1], package);
}

bool is_fitting_override(const Tree& tree, NodeId item, const std::string& package) {
    std::string name;
    return !overridden(tree, item, name).empty() && name == package && renamed_arguments(tree, item).empty();
}

OverrideArguments override_arguments(const Tree& tree, NodeId item) {
    OverrideArguments out;
    const auto call = nixsyntax::call_parts(tree, nixsyntax::strip_parens(tree, item));
    const NodeId set = call.size() == 2 ? nixsyntax::strip_parens(tree, call[1]) : kNone;
    if (!tree.is(set, Kind::set) || !tree.text(call.front()).ends_with(".override")) return out;
    out.literal = true;
    for (const NodeId entry : nixsyntax::entries(tree, set)) {
        const bool bound = tree.is(entry, Kind::binding);
        const auto names = bound ? nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry)) : std::nullopt;
        if (!names || names->size() != 1) out.literal = false;
        else judge_argument(names->front(), tree.text(nixsyntax::binding_value(tree, entry)) == "false", out);
    }
    return out;
}

bool can_stay(const Tree& tree, NodeId item, const std::string& package) {
    std::string name;
    if (overridden(tree, item, name).empty() || (name != package && name != "llama-cpp")) return false;
    const OverrideArguments arguments = override_arguments(tree, item);
    return arguments.literal && arguments.refused.empty();
}

std::string in_its_place(const Tree& tree, NodeId item, const std::string& package) {
    std::string name = name_at(tree, item, package);
    if (name.empty()) name = "pkgs." + package;
    std::string old;
    const nixsyntax::Span span = overridden(tree, item, old);
    if (span.empty()) return name;
    const std::uint32_t begin = tree.span(item).begin;
    std::string text(tree.text(item));
    std::vector<Change> changes = without_lost(tree, item);
    const std::size_t erased = changes.size();
    for (const Use& use : renamed_arguments(tree, item))
        if (std::none_of(changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(erased),
                         [&](const Change& change) { return change.span.contains(tree.span(use.node)); }))
            changes.push_back({tree.span(use.node), std::string(use.renamed->official)});
    changes.push_back({span, std::move(name)});
    // From the end to the start, so that offsets stay right.
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.span.begin > b.span.begin; });
    for (const Change& change : changes) text.replace(change.span.begin - begin, change.span.size(), change.text);
    return text;
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
