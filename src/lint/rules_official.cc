// SPDX-License-Identifier: MIT
// The official flake: attributes that it does not have, what its overlay shadows, packages of its own nixpkgs.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "lint/fixes.h"
#include "lint/overlay_shape.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::Scope;

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

std::string suffixed_message(std::string_view name) {
    return fmt::format(
        "with the official overlay {} does not evaluate: nixpkgs makes it from llama-cpp with an "
        "argument that the official package does not take",
        name);
}

/// `inherit (pkgs) llama-cpp-vulkan;`
void suffixed_inherited(const FileView& view, Sink& sink) {
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::inherit)) continue;
        const NodeId from = nixsyntax::inherit_source(view.tree, id);
        if (from == kNone) continue;
        const auto source = nixsyntax::dotted_name(view.tree, nixsyntax::strip_parens(view.tree, from));
        if (!source || (source->back() != "pkgs" && source->back() != "final")) continue;
        for (const NodeId name : nixsyntax::inherit_names(view.tree, id)) {
            const std::string text = nixsyntax::attr_name(view.tree, name).value_or("");
            if (text != "llama-cpp-vulkan" && text != "llama-cpp-rocm") continue;
            if (view.known.overlay_attributes.contains(text)) continue;
            sink.at(view.tree, name, suffixed_message(text)).remedy =
                fmt::format("write {} = {}.llama-cpp.override {{ {} = true; }};", text, source->back(),
                            text == "llama-cpp-vulkan" ? "useVulkan" : "useRocm");
        }
    }
}

/// nixpkgs' llama-cpp-vulkan is `llama-cpp.override { vulkanSupport = true; }`, which the official package refuses.
void suffixed_name(const FileView& view, Sink& sink) {
    if (!view.known.official_overlay || view.known.fitted) return;
    suffixed_inherited(view, sink);
    for (const Mention& mention : view.mentions) {
        const std::string& name = mention.names.back();
        const bool vulkan = name == "llama-cpp-vulkan";
        if ((!vulkan && name != "llama-cpp-rocm") || view.known.overlay_attributes.contains(name)) continue;
        const std::string_view argument = vulkan ? "useVulkan" : "useRocm";
        Finding& finding = sink.at(view.tree, mention.node, suffixed_message(name));
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
    // Where somebody tunes `llama-cpp` behind it, or builds on it, the slow one is not what is used.
    if (!official_shadows_here(view.known)) return;
    for (NodeId id = 0; id < view.tree.size(); ++id) {
        if (!view.tree.is(id, Kind::list)) continue;
        for (const NodeId item : view.tree.children(id)) {
            const auto names = loose_name(view.tree, item);
            const bool overlay =
                names.size() >= 2 && names[names.size() - 2] == "overlays" &&
                std::ranges::any_of(names, [&](const auto& name) { return view.known.llama_inputs.contains(name); });
            if (!overlay || is_for_another_cpu(view, item)) continue;
            Finding& finding = sink.at(view.tree, item,
                                       "this replaces nixpkgs' llama-cpp, which picks its instruction set when it "
                                       "starts, by one that is built for plain SSE2");
            finding.fix = replace_node(view.tree, item,
                                       fmt::format("({0}: {1}: removeAttrs ({2} {0} {1}) [ \"llama-cpp\" ])",
                                                   name_not_in(view.tree, item, "final"),
                                                   name_not_in(view.tree, item, "prev"), view.tree.text(item)),
                                       "keep nixpkgs' llama-cpp; llamaPackages stays");
        }
    }
}

/// A package of the flake as it is written out: `inputs.llama-cpp.packages.${pkgs.system}.cuda`.
struct FlakePackage {
    std::string flake;      ///< "inputs.llama-cpp"
    std::string name;       ///< "cuda"
    NodeId system = kNone;  ///< the part behind `packages`
    nixsyntax::Span span;   ///< of all of it, without a `.override` behind
};
std::optional<FlakePackage> flake_package_at(const Tree& tree, NodeId node) {
    if (!tree.is(node, Kind::select)) return std::nullopt;
    const auto parts = tree.children(tree.child(node, 1));
    const auto word = std::ranges::find_if(
        parts, [&](NodeId part) { return nixsyntax::attr_name(tree, part).value_or("") == "packages"; });
    if (parts.end() - word < 3) return std::nullopt;
    const auto name = nixsyntax::attr_name(tree, *(word + 2));
    const NodeId before = word == parts.begin() ? tree.child(node, 0) : *(word - 1);
    const std::uint32_t begin = tree.span(node).begin;
    if (!name) return std::nullopt;
    return FlakePackage{std::string(tree.text({begin, tree.span(before).end})),
                        *name,
                        *(word + 1),
                        {begin, tree.span(*(word + 2)).end}};
}

/// The packages of this host, by the name that they have at a place: "pkgs", or an overlay's "final"; "" = none seen.
std::string packages_at(const Tree& tree, NodeId node) {
    const auto overlay = overlay_around(tree, node);
    if (overlay) return overlay->final_name;
    const Scope scope = nixsyntax::resolve(tree, node, "pkgs").scope;
    return scope == Scope::formal || scope == Scope::argument || scope == Scope::let ? "pkgs" : "";
}

/// The same package, made of this host's packages by the flake's own recipe.
std::optional<Fix> through_own_packages(const FileView& view, const Mention& mention) {
    const auto found = flake_package_at(view.tree, mention.node);
    if (!found) return std::nullopt;
    const std::string packages = packages_at(view.tree, mention.node);
    const auto* wanted = std::ranges::find(kWanted, found->name, &ScopeName::name);
    if (packages.empty() || (found->name != "default" && wanted == kWanted.end())) return std::nullopt;
    std::string text =
        fmt::format("({}.callPackage \"${{{}}}/.devops/nix/scope.nix\" {{ }}).llama-cpp", packages, found->flake);
    if (found->name != "default" && !wanted->argument.empty())
        text = fmt::format("{}.override {{ {} = true; }}", text, wanted->argument);
    if (mention.overridden || !view.tree.is(view.tree.parent(mention.node), Kind::binding))
        text = text.starts_with('(') && text.ends_with("llama-cpp") ? text : '(' + text + ')';
    Fix fix{fmt::format("make it of {}, by the flake's own recipe", packages), {}};
    fix.edits.replace(found->span, std::move(text));
    return fix;
}

/// `inputs.llama-cpp.legacyPackages.x.llamaPackagesCuda.llama-cpp`; `llama-cpp` is also what nixpkgs' set has.
bool of_legacy_packages(const FileView& view, const std::vector<std::string>& names) {
    const auto found = std::ranges::find(names, "legacyPackages");
    return found != names.end() && found != names.begin() && view.known.llama_inputs.contains(*(found - 1));
}

void flake_package(const FileView& view, Sink& sink) {
    for (const Mention& mention : view.mentions) {
        const bool of_flake = std::ranges::any_of(
            mention.names, [&](const auto& name) { return view.known.llama_inputs.contains(name); });
        const bool by_system = has(mention.names, "packages") || of_legacy_packages(view, mention.names);
        if (!of_flake || !by_system || mention.names.back() == "python-scripts") continue;
        const bool gpu = !backends_of_names(mention.names).empty();
        Finding& finding = sink.at(
            view.tree, mention.node,
            fmt::format("a package of the official flake's own nixpkgs: your nixpkgs, its config and your overlays do "
                        "not reach it{}",
                        gpu ? ", and it is built for every kind of card" : ""));
        finding.fix = through_own_packages(view, mention);
        if (finding.fix) continue;
        finding.remedy =
            "take it through your own nixpkgs, in an overlay:\n"
            "(final.callPackage \"${inputs.llama-cpp}/.devops/nix/scope.nix\" { })\n"
            "  .llama-cpp          `llama-fleet fit` writes one";
    }
}

constexpr TextRule kRules[] = {
    {{"missing-attribute", Severity::error, "an attribute that the official flake does not have"}, missing_attribute},
    {{"suffixed-name", Severity::error, "llama-cpp-vulkan or -rocm of nixpkgs behind the official overlay"},
     suffixed_name},
    {{"official-overlay-shadows", Severity::error, "the official overlay hides nixpkgs' faster package"},
     official_shadows},
    {{"flake-package", Severity::warning, "a package that your nixpkgs and config do not reach"}, flake_package},
};

}  // namespace

std::span<const TextRule> official_rules() { return kRules; }

}  // namespace lf::lint
