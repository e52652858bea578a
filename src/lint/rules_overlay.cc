// SPDX-License-Identifier: MIT
// Overlays: what shadows what, which fixpoint a name is taken from, packages that no overlay of the host reaches.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "lint/fixes.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::Scope;

bool concerns_llama(const FileView& view) {
    return view.tree.text().find("llama-cpp") != std::string_view::npos ||
           view.tree.text().find("llamaPackages") != std::string_view::npos;
}

bool has(const std::vector<std::string>& names, std::string_view word) {
    return std::ranges::find(names, word) != names.end();
}

// --- names that are not there
// -----------------------------------------------------------------------------------------

/// What people look for in the official flake's scope, and how it is had.
struct ScopeName {
    std::string_view name;
    std::string_view argument;
};
constexpr std::array<ScopeName, 4> kWanted{
    {{"cuda", "useCuda"}, {"rocm", "useRocm"}, {"vulkan", "useVulkan"}, {"cpu", ""}}};
constexpr std::array<std::string_view, 10> kPackages{"default",     "vulkan",       "cuda",    "rocm",
                                                     "mpi-cpu",     "mpi-cuda",     "windows", "python-scripts",
                                                     "jetson-orin", "jetson-xavier"};

/// A select of exactly one name more than a scope `llamaPackages`, however that is called here.
void missing_from_scope(const FileView& view, Sink& sink) {
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::select)) continue;
        const auto names = loose_name(view.tree, id);
        if (names.size() < 2) continue;
        const auto scope = std::ranges::find_if(names, [](const auto& n) { return n.starts_with("llamaPackages"); });
        if (scope == names.end() || scope + 1 == names.end()) continue;
        const auto* wanted = std::ranges::find(kWanted, *(scope + 1), &ScopeName::name);
        if (wanted == kWanted.end()) continue;
        Finding& finding = sink.at(
            view.tree, id, fmt::format("the official flake's set of packages has no attribute {}", wanted->name));
        const NodeId path = view.tree.child(id, 1);
        const NodeId word = view.tree.last_child(path);
        if (nixsyntax::attr_name(view.tree, word) != wanted->name) continue;
        if (wanted->argument.empty()) {
            finding.fix = replace_node(view.tree, word, "llama-cpp", "write llama-cpp");
            continue;
        }
        Fix fix{fmt::format("switch it on: .override {{ {} = true; }}", wanted->argument), {}};
        fix.edits.insert(view.tree.span(id).begin, "(");
        fix.edits.replace({view.tree.span(word).begin, view.tree.span(id).end},
                          fmt::format("llama-cpp.override {{ {} = true; }})", wanted->argument));
        finding.fix = std::move(fix);
    }
}

void missing_from_flake(const FileView& view, Sink& sink) {
    for (const Mention& mention : view.mentions) {
        const auto packages = std::ranges::find(mention.names, "packages");
        const bool of_flake = std::ranges::any_of(
            mention.names, [&](const auto& name) { return view.known.llama_inputs.contains(name); });
        if (!of_flake || packages == mention.names.end() || mention.names.end() - packages < 3) continue;
        const std::string& name = *(packages + 2);
        if (name.empty() || name.starts_with("jetson-") || std::ranges::find(kPackages, name) != kPackages.end())
            continue;
        Finding& finding = sink.at(
            view.tree, mention.node,
            fmt::format("the official flake has no package {}: {}", name, "cuda, rocm, vulkan and default are there"));
        if (name == "cpu" || name == "llama-cpp")
            finding.fix = replace_word(view.tree, mention.node, "." + name, ".default", "write default");
    }
}

void missing_attribute(const FileView& view, Sink& sink) {
    missing_from_scope(view, sink);
    missing_from_flake(view, sink);
}

/// nixpkgs' llama-cpp-vulkan is `llama-cpp.override { vulkanSupport = true; }`, which the official package refuses.
void suffixed_name(const FileView& view, Sink& sink) {
    if (!view.known.official_overlay || view.known.fitted) return;
    for (const Mention& mention : view.mentions) {
        const std::string& name = mention.names.back();
        const bool vulkan = name == "llama-cpp-vulkan";
        if ((!vulkan && name != "llama-cpp-rocm") || view.known.overlay_attributes.contains(name)) continue;
        const std::string_view argument = vulkan ? "useVulkan" : "useRocm";
        Finding& finding = sink.at(
            view.tree, mention.node,
            fmt::format("with the official overlay {} does not evaluate: nixpkgs makes it from llama-cpp with an "
                        "argument that the official package does not take",
                        name));
        std::string text(view.tree.text(mention.node));
        const std::size_t at = text.find(name);
        if (mention.overridden || at == std::string::npos) continue;
        text.replace(at, name.size(), "llama-cpp");
        finding.fix =
            replace_node(view.tree, mention.node, fmt::format("({}.override {{ {} = true; }})", text, argument),
                         fmt::format("write llama-cpp.override {{ {} = true; }}", argument));
    }
}

// --- what shadows what
// ------------------------------------------------------------------------------------------------

void official_shadows(const FileView& view, Sink& sink) {
    // Where somebody tunes `llama-cpp` behind it, or takes another name, the slow one is not what is used.
    if (view.known.plain_tuned || view.known.fitted) return;
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::list)) continue;
        for (const NodeId item : view.tree.children(id)) {
            const auto names = loose_name(view.tree, item);
            const bool overlay =
                names.size() >= 2 && names[names.size() - 2] == "overlays" &&
                std::ranges::any_of(names, [&](const auto& name) { return view.known.llama_inputs.contains(name); });
            if (!overlay) continue;
            Finding& finding = sink.at(view.tree, item,
                                       "this replaces nixpkgs' llama-cpp, which picks its instruction set when it "
                                       "starts, by one that is built for plain SSE2");
            finding.fix = replace_node(
                view.tree, item,
                fmt::format("(final: prev: removeAttrs ({} final prev) [ \"llama-cpp\" ])", view.tree.text(item)),
                "keep nixpkgs' llama-cpp; llamaPackages stays");
        }
    }
}

void flake_package(const FileView& view, Sink& sink) {
    for (const Mention& mention : view.mentions) {
        const bool of_flake = std::ranges::any_of(
            mention.names, [&](const auto& name) { return view.known.llama_inputs.contains(name); });
        if (!of_flake || !has(mention.names, "packages") || mention.names.back() == "python-scripts") continue;
        const bool gpu = !backends_of_names(mention.names).empty();
        Finding& finding = sink.at(
            view.tree, mention.node,
            fmt::format("a package of the official flake's own nixpkgs: your nixpkgs, its config and your overlays do "
                        "not reach it{}",
                        gpu ? ", and it is built for every kind of card" : ""));
        finding.remedy =
            "take it through your own nixpkgs, in an overlay:\n"
            "(final.callPackage \"${inputs.llama-cpp}/.devops/nix/scope.nix\" { })\n"
            "  .llama-cpp          `llama-fleet fit` writes one";
    }
}

// --- fixpoints
// --------------------------------------------------------------------------------------------------------

/// `final: prev: …`: the two lambdas around a place of an overlay.
struct OverlayArguments {
    std::string final_name;
    std::string prev_name;
};
std::optional<OverlayArguments> overlay_around(const Tree& tree, NodeId node) {
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at)) {
        if (!tree.is(at, Kind::lambda)) continue;
        const auto inner = nixsyntax::lambda_parts(tree, at);
        const NodeId up = tree.parent(at);
        if (inner.formals != kNone || !tree.is(up, Kind::lambda)) continue;
        const auto outer = nixsyntax::lambda_parts(tree, up);
        if (outer.formals != kNone || !tree.is(nixsyntax::result_of(tree, inner.body), Kind::set)) continue;
        return OverlayArguments{std::string(tree.text(outer.argument)), std::string(tree.text(inner.argument))};
    }
    return std::nullopt;
}

void own_ancestor(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (package.names.size() != 2 || package.bound_to.empty() || package.bound_to.back() != package.names[1])
            continue;
        const auto overlay = overlay_around(view.tree, package.chain);
        if (!overlay || package.names.front() != overlay->final_name) continue;
        const NodeId place = nixsyntax::node_at(view.tree, package.base.begin);
        Finding& finding =
            sink.at(view.tree, place, fmt::format("{} is made from itself here: infinite recursion", package.names[1]));
        finding.fix =
            replace_node(view.tree, place, overlay->prev_name, fmt::format("take it from {}", overlay->prev_name));
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
        finding.fix = replace_node(view.tree, view.tree.child(parts.front(), 0), overlay->final_name,
                                   fmt::format("call it through {}", overlay->final_name));
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

/// The overlay or, outside of one, the binding around a place is about llama.cpp; the owner's other code is theirs.
bool is_about_llama(const Tree& tree, NodeId node) {
    for (NodeId at = tree.parent(node); at != kNone; at = tree.parent(at)) {
        const bool overlay = tree.is(at, Kind::lambda) && overlay_around(tree, nixsyntax::lambda_parts(tree, at).body);
        if (!overlay && !tree.is(at, Kind::binding)) continue;
        if (tree.text(at).find("llama") != std::string_view::npos) return true;
        if (overlay) return false;
    }
    return tree.text().find("llama") != std::string_view::npos;
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

/// `pkgs.unstable.llama-cpp`, `pkgs-unstable.llama-cpp`, `master.llama-cpp`.
bool is_second_instance(const std::vector<std::string>& names) {
    constexpr std::array<std::string_view, 4> kWords{"unstable", "stable", "master", "staging"};
    const bool second = names.size() >= 2 && names.back().starts_with("llama-cpp") &&
                        std::any_of(names.begin(), names.end() - 1, [&](const std::string& name) {
                            return std::ranges::any_of(kWords, [&](auto word) {
                                return name == word || name.ends_with("-" + std::string(word)) ||
                                       name.starts_with(std::string(word) + "-");
                            });
                        });
    return second && !has(names, "packages") && !has(names, "inputs");
}

void second_instance(const FileView& view, Sink& sink) {
    if (view.known.overlay_attributes.empty() && !view.known.fitted && !view.known.official_overlay) return;
    for (const Mention& mention : view.mentions) {
        if (!is_second_instance(mention.names)) continue;
        Finding& finding = sink.at(view.tree, mention.node,
                                   fmt::format("{} is another instance of nixpkgs: the overlays of this host do not "
                                               "reach it",
                                               mention.names[mention.names.size() - 2]));
        const bool dotted = mention.names.size() == 3 && mention.names.front() == "pkgs" && !mention.overridden;
        if (dotted && view.tree.is(mention.node, Kind::select))
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

/// Where a path literal of another file names this file.
struct Use {
    const Tree* tree = nullptr;
    NodeId path = kNone;
};
std::vector<Use> uses_of(flake::Sources& sources, const std::string& file) {
    std::vector<Use> out;
    for (const std::string& other : sources.all_nix_files()) {
        const Tree* tree = other == file ? nullptr : sources.tree_or_null(other);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::path)) continue;
            const auto text = flake::text_of(*tree, id);
            if (text && sources.nix_file(other, *text) == file) out.push_back({tree, id});
        }
    }
    return out;
}

/// Somewhere all files of a folder are read, so that a file needs no name.
bool folders_are_read(flake::Sources& sources) {
    for (const std::string& path : sources.all_nix_files()) {
        const auto text = sources.text(path);
        if (text && (text->find("readDir") != std::string::npos || text->find("import-tree") != std::string::npos ||
                     text->find("listFilesRecursive") != std::string::npos))
            return true;
    }
    return false;
}

void overlay_unused(const FileView& view, Sink& sink) {
    if (!is_overlay_file(view.tree)) return;
    const auto uses = uses_of(view.sources, view.tree.file());
    if (uses.empty() && !folders_are_read(view.sources)) {
        sink.at(view.tree, view.tree.root(), "no file names this overlay: it changes nothing").remedy =
            fmt::format("in a host's configuration:  nixpkgs.overlays = [ (import ./{} …) ];", view.tree.file());
        return;
    }
    for (const Use& use : uses) {
        const NodeId call = use.tree->parent(use.path);
        if (!use.tree->is(call, Kind::apply)) continue;
        const auto name = nixsyntax::dotted_name(*use.tree, nixsyntax::call_parts(*use.tree, call).front());
        if (!name || name->back() != "callPackage") continue;
        Finding& finding = sink.at(*use.tree, call, "an overlay called as a package: the result is a function");
        finding.remedy = "put it into nixpkgs.overlays with import, not into the package set with callPackage";
    }
}

constexpr TextRule kRules[] = {
    {{"missing-attribute", Severity::error, "an attribute that the official flake does not have"}, missing_attribute},
    {{"suffixed-name", Severity::error, "llama-cpp-vulkan or -rocm of nixpkgs behind the official overlay"},
     suffixed_name},
    {{"official-overlay-shadows", Severity::error, "the official overlay hides nixpkgs' faster package"},
     official_shadows},
    {{"flake-package", Severity::warning, "a package that your nixpkgs and config do not reach"}, flake_package},
    {{"wrong-fixpoint", Severity::error, "a package taken from the wrong stage of the overlays"}, wrong_fixpoint},
    {{"prev-system", Severity::warning, "prev.system"}, prev_system},
    {{"second-instance", Severity::warning, "a package of another instance of nixpkgs"}, second_instance},
    {{"overlay-unused", Severity::error, "an overlay that changes nothing"}, overlay_unused},
};

}  // namespace

std::span<const TextRule> overlay_rules() { return kRules; }

}  // namespace lf::lint
