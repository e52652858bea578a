// SPDX-License-Identifier: MIT
// Overlays: which fixpoint a name is taken from, packages that no overlay of the host reaches.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/names.h"
#include "lint/fixes.h"
#include "lint/overlay_shape.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::Scope;

bool concerns_llama(const FileView& view) {
    return view.tree.text().find("llama-cpp") != std::string_view::npos ||
           view.tree.text().find("llamaPackages") != std::string_view::npos;
}

bool within(const Tree& tree, NodeId node, NodeId outer) {
    return tree.span(node).begin >= tree.span(outer).begin && tree.span(node).end <= tree.span(outer).end;
}

// --- fixpoints
// --------------------------------------------------------------------------------------------------------

void own_ancestor(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (package.names.size() != 2 || package.bound_to.empty() || package.bound_to.back() != package.names[1])
            continue;
        const auto overlay = overlay_around(view.tree, package.chain);
        if (!overlay || package.names.front() != overlay->final_name) continue;
        const NodeId place = nixsyntax::node_at(view.tree, package.base.begin);
        Finding& finding =
            sink.at(view.tree, place, fmt::format("{} is made from itself here: infinite recursion", package.names[1]));
        // `final.llama-cpp`, or a name for it: by `with final;`, `let inherit (final) llama-cpp;`, `rec`.
        const bool dotted = view.tree.is(view.tree.parent(place), Kind::select) &&
                            view.tree.text(place) == overlay->final_name && view.tree.span(place) != package.base;
        const bool prev_is_seen = nixsyntax::resolve(view.tree, place, overlay->prev_name).scope == Scope::argument;
        const std::string now = dotted ? overlay->prev_name : overlay->prev_name + "." + package.names[1];
        if (!prev_is_seen) {
            finding.remedy = fmt::format("take it from the second argument of the overlay, {}", overlay->prev_name);
            continue;
        }
        Fix fix{fmt::format("take it from {}", overlay->prev_name), {}};
        fix.edits.replace(dotted ? view.tree.span(place) : package.base, now);
        finding.fix = std::move(fix);
    }
}

void call_through_prev(const FileView& view, Sink& sink) {
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::apply) || view.tree.text(id).find(".devops/nix/") == std::string_view::npos)
            continue;
        const auto parts = nixsyntax::call_parts(view.tree, id);
        const auto name = nixsyntax::dotted_name(view.tree, parts.front());
        const auto overlay = overlay_around(view.tree, id);
        if (!name || name->size() != 2 || name->back() != "callPackage" || !overlay) continue;
        if (name->front() != overlay->prev_name || view.tree.is(view.tree.parent(id), Kind::apply)) continue;
        Finding& finding = sink.at(view.tree, parts.front(),
                                   "made from the packages before this overlay: what later overlays change does not "
                                   "reach it");
        const std::string title = fmt::format("call it through {}", overlay->final_name);
        if (nixsyntax::resolve(view.tree, id, overlay->final_name).scope == Scope::argument)
            finding.fix = replace_node(view.tree, view.tree.child(parts.front(), 0), overlay->final_name, title);
        else finding.remedy = title + ", the first argument of the overlay";
    }
}

/// `pkgs // overlay pkgs pkgs`
void merged_by_hand(const FileView& view, Sink& sink) {
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::binary) || view.tree.op(id) != nixsyntax::TokenKind::update) continue;
        const NodeId left = nixsyntax::strip_parens(view.tree, view.tree.child(id, 0));
        const auto call = nixsyntax::call_parts(view.tree, nixsyntax::strip_parens(view.tree, view.tree.child(id, 1)));
        if (call.size() != 3 || !view.tree.is(left, Kind::identifier)) continue;
        const std::string_view name = view.tree.text(left);
        if (view.tree.text(call[1]) != name || view.tree.text(call[2]) != name) continue;
        Finding& finding =
            sink.at(view.tree, id, "packages that depend on what the overlay changes still get the old one");
        finding.fix = replace_node(view.tree, id,
                                   fmt::format("{}.extend {}", name,
                                               [&] {
                                                   const bool plain = view.tree.is(call[0], Kind::identifier) ||
                                                                      view.tree.is(call[0], Kind::select) ||
                                                                      view.tree.is(call[0], Kind::parens);
                                                   const std::string text(view.tree.text(call[0]));
                                                   return plain ? text : "(" + text + ")";
                                               }()),
                                   fmt::format("write {}.extend", name));
    }
}

void wrong_fixpoint(const FileView& view, Sink& sink) {
    if (!concerns_llama(view)) return;
    own_ancestor(view, sink);
    call_through_prev(view, sink);
    merged_by_hand(view, sink);
}

/// Is what a place stands in about llama.cpp? The list item or binding around it; where that only names something
/// (`let system = prev.system;`), what it is used for. The owner's other code is theirs.
bool is_about_llama(const Tree& tree, NodeId node, int steps = 0) {
    constexpr int kSteps = 4;
    for (NodeId at = item_or_binding(tree, node); at != kNone; at = item_or_binding(tree, tree.parent(at))) {
        if (tree.text(at).find("llama") != std::string_view::npos) return true;
        const NodeId up = tree.parent(at);
        if (tree.is(at, Kind::binding) && tree.is(up, Kind::let)) {
            const auto uses = uses_of_binding(tree, at);
            return steps < kSteps && std::ranges::any_of(uses, [&](NodeId use) {
                       return !within(tree, use, at) && is_about_llama(tree, use, steps + 1);
                   });
        }
        // `import nixpkgs { system = prev.system; … }` is one expression.
        if (!tree.is(up, Kind::set) || !tree.is(tree.parent(up), Kind::apply)) return false;
    }
    return false;
}

void prev_system(const FileView& view, Sink& sink) {
    if (!concerns_llama(view)) return;
    constexpr std::array<std::string_view, 5> kSets{"prev", "final", "pkgs", "super", "self"};
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::select) || view.tree.children(id).size() != 2) continue;
        const NodeId head = view.tree.child(id, 0);
        const auto names = nixsyntax::attr_path(view.tree, view.tree.child(id, 1));
        if (!view.tree.is(head, Kind::identifier) || !names || names->size() != 1 || names->front() != "system")
            continue;
        const std::string name(view.tree.text(head));
        const Scope scope = nixsyntax::resolve(view.tree, head).scope;
        if (std::ranges::find(kSets, name) == kSets.end() || (scope != Scope::argument && scope != Scope::formal))
            continue;
        const auto overlay = overlay_around(view.tree, id);
        if (name == "self" && (!overlay || overlay->final_name != "self")) continue;
        if (!is_about_llama(view.tree, id)) continue;
        Finding& finding = sink.at(view.tree, id,
                                   fmt::format("{}.system is an alias that warns, and is missing where "
                                               "allowAliases = false",
                                               name));
        const std::string now = name + ".stdenv.hostPlatform.system";
        finding.fix = replace_node(view.tree, id, now, "write " + now);
    }
}

// --- packages and overlays that miss each other
// -----------------------------------------------------------------------

void second_instance(const FileView& view, Sink& sink) {
    if (view.known.overlay_attributes.empty() && !view.known.fitted && !view.known.official_overlay) return;
    for (const Mention& mention : view.mentions) {
        // An overlay that takes it from there is what this rule asks for.
        if (!flake::is_second_instance(mention.names) || overlay_around(view.tree, mention.node)) continue;
        Finding& finding = sink.at(view.tree, mention.node,
                                   fmt::format("{} is another instance of nixpkgs: the overlays of this host do not "
                                               "reach it",
                                               mention.names[mention.names.size() - 2]));
        const bool own = nixsyntax::resolve(view.tree, mention.node, "pkgs").scope == Scope::formal;
        const bool direct =
            mention.names.size() == 2 && own && view.tree.text(mention.node).starts_with(mention.names[0]);
        const bool dotted = direct || (mention.names.size() == 3 && mention.names.front() == "pkgs");
        if (dotted && !mention.overridden && view.tree.is(mention.node, Kind::select))
            finding.fix = replace_node(view.tree, mention.node, "pkgs." + mention.names.back(),
                                       "take it from this host's packages");
        else finding.remedy = fmt::format("take pkgs.{}", mention.names.back());
    }
}

/// A file that is an overlay with llama-cpp in it.
bool is_overlay_file(const Tree& tree) {
    NodeId at = tree.root();
    for (int steps = 0; steps < 8; ++steps) {
        const auto outer = nixsyntax::lambda_parts(tree, at);
        if (outer.body == kNone) return false;
        const auto inner = nixsyntax::lambda_parts(tree, nixsyntax::result_of(tree, outer.body));
        if (outer.formals == kNone && inner.body != kNone && inner.formals == kNone) {
            const NodeId set = nixsyntax::result_of(tree, inner.body);
            return tree.is(set, Kind::set) && tree.text(set).find("llama-cpp") != std::string_view::npos;
        }
        at = nixsyntax::result_of(tree, outer.body);
    }
    return false;
}

/// `callPackage ./llama.nix { }` in an overlay → `(import ./llama.nix final prev).llama-cpp`
std::optional<Fix> import_as_overlay(const Tree& tree, NodeId call, const Tree& file) {
    const auto around = overlay_around(tree, call);
    const auto shape = overlay_at(file, file.root());
    const auto parts = nixsyntax::call_parts(tree, call);
    NodeId whole = call;
    while (tree.is(tree.parent(whole), Kind::apply)) whole = tree.parent(whole);
    const NodeId binding = tree.parent(whole);
    if (!around || !shape || parts.size() < 2 || !tree.is(binding, Kind::binding)) return std::nullopt;
    const auto name = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, binding));
    const auto defined = [&](NodeId set) { return !nixsyntax::find_bindings(file, set, name->front()).empty(); };
    if (!name || name->size() != 1 || !std::ranges::any_of(shape->sets, defined)) return std::nullopt;
    return replace_node(
        tree, whole,
        fmt::format("(import {} {} {}).{}", tree.text(parts[1]), around->final_name, around->prev_name, name->front()),
        "take the attribute out of the overlay");
}

/// Is this item of a list the official overlay as it is?
bool is_official_overlay(const FileView& view, const Tree& tree, NodeId item) {
    const auto names = loose_name(tree, item);
    return names.size() >= 2 && names[names.size() - 2] == "overlays" && names.back() == "default" &&
           std::ranges::any_of(names, [&](const auto& name) { return view.known.llama_inputs.contains(name); });
}

/// The official overlay behind the item in its list, which puts a llama-cpp of its own in the place of the one before;
/// kNone = none is there, or the item is in no list. Where it stands twice, the one before is what the item builds on.
NodeId official_behind(const FileView& view, const Tree& tree, NodeId item) {
    while (tree.is(tree.parent(item), Kind::parens)) item = tree.parent(item);
    const NodeId list = tree.parent(item);
    if (!tree.is(list, Kind::list)) return kNone;
    const auto items = tree.children(list);
    for (auto it = std::ranges::find(items, item); it != items.end(); ++it)
        if (is_official_overlay(view, tree, *it)) return *it;
    return kNone;
}

bool defines_llama(const Tree& tree, const OverlayShape& overlay) {
    return std::ranges::any_of(overlay.sets,
                               [&](NodeId set) { return !nixsyntax::find_bindings(tree, set, "llama-cpp").empty(); });
}

constexpr std::string_view kThrownAway =
    "the official overlay stands behind this one and puts its own llama-cpp in the place: what this one makes of it is "
    "thrown away";

/// `[ (final: prev: { llama-cpp = …; }) llama-cpp.overlays.default ]`, or with `(import ./tuning.nix)`.
void overlay_thrown_away(const FileView& view, Sink& sink) {
    const Tree& tree = view.tree;
    for (NodeId id = 0; id < tree.size(); ++id) {
        const auto overlay = tree.is(id, Kind::lambda) ? overlay_at(tree, id) : std::nullopt;
        if (!overlay || !defines_llama(tree, *overlay) || official_behind(view, tree, id) == kNone) continue;
        sink.at(tree, id, std::string(kThrownAway)).remedy = "put the official overlay first in the list";
    }
    const auto own = overlay_at(tree, tree.root());
    if (!own || !defines_llama(tree, *own)) return;
    for (const FileUse& use : view.uses.of(tree.file())) {
        const NodeId up = use.tree->parent(use.path);
        const bool imported = use.tree->is(up, Kind::apply) && nixsyntax::call_parts(*use.tree, up).size() == 2 &&
                              use.tree->text(nixsyntax::call_parts(*use.tree, up).front()).ends_with("import");
        if (!imported || official_behind(view, *use.tree, up) == kNone) continue;
        sink.at(*use.tree, up, std::string(kThrownAway)).remedy = "put the official overlay first in the list";
    }
}

void overlay_unused(const FileView& view, Sink& sink) {
    if (concerns_llama(view)) overlay_thrown_away(view, sink);
    if (!is_overlay_file(view.tree)) return;
    const auto& uses = view.uses.of(view.tree.file());
    if (uses.empty() && !view.uses.folders_are_read() && !view.uses.may_be_named(view.tree.file())) {
        sink.at(view.tree, view.tree.root(), "no file names this overlay: it changes nothing").remedy =
            fmt::format("in a host's configuration:  nixpkgs.overlays = [ (import ./{} …) ];", view.tree.file());
        return;
    }
    for (const FileUse& use : uses) {
        const NodeId call = use.tree->parent(use.path);
        if (!use.tree->is(call, Kind::apply)) continue;
        const auto name = nixsyntax::dotted_name(*use.tree, nixsyntax::call_parts(*use.tree, call).front());
        if (!name || name->back() != "callPackage") continue;
        Finding& finding = sink.at(*use.tree, call, "an overlay called as a package: the result is a function");
        finding.fix = import_as_overlay(*use.tree, call, view.tree);
        if (!finding.fix)
            finding.remedy = "put it into nixpkgs.overlays with import, not into the package set with callPackage";
    }
}

constexpr TextRule kRules[] = {
    {{"wrong-fixpoint", Severity::error, "a package taken from the wrong stage of the overlays"}, wrong_fixpoint},
    {{"prev-system", Severity::warning, "prev.system"}, prev_system},
    {{"second-instance", Severity::warning, "a package of another instance of nixpkgs"}, second_instance},
    {{"overlay-unused", Severity::error, "an overlay that changes nothing"}, overlay_unused},
};

}  // namespace

std::span<const TextRule> overlay_rules() { return kRules; }

}  // namespace lf::lint
