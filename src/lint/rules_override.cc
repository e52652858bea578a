// SPDX-License-Identifier: MIT
// .override and overrideAttrs: what is lost, what nobody reads, what belongs to the other package.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/names.h"
#include "lint/fixes.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

using nixsyntax::TokenKind;

using flake::ArgumentName;
using flake::kArgumentNames;

/// Names that nixpkgs' package has had, or never had; all others above without a nixpkgs name are the official one's.
bool nixpkgs_has(std::string_view name) {
    return name != "openblasSupport" && !name.empty() &&
           std::ranges::find(kArgumentNames, name, &ArgumentName::nixpkgs) != std::end(kArgumentNames);
}
bool official_has(std::string_view name) {
    return !name.empty() &&
           std::ranges::find(kArgumentNames, name, &ArgumentName::official) != std::end(kArgumentNames);
}

/// Written like a switch of a package, and not like one of its inputs (`cudaPackages`, `blas`).
bool looks_like_switch(std::string_view name) {
    const auto starts = [&](std::string_view start) {
        return name.size() > start.size() && name.starts_with(start) && name[start.size()] >= 'A' &&
               name[start.size()] <= 'Z';
    };
    return name.ends_with("Support") || name.ends_with("support") || starts("use") || starts("enable") ||
           starts("build") || starts("with");
}

/// What overrideAttrs takes, and no package as an argument.
bool is_attribute(std::string_view name) {
    constexpr std::array<std::string_view, 10> kAttributes{
        "buildInputs", "cmakeFlags", "env",       "nativeBuildInputs", "NIX_CFLAGS_COMPILE",
        "npmDepsHash", "patches",    "postPatch", "preConfigure",      "src"};
    return std::ranges::find(kAttributes, name) != kAttributes.end();
}

std::vector<std::string> names_of(bool official) {
    std::vector<std::string> out;
    for (const ArgumentName& name : kArgumentNames) {
        const std::string_view one = official ? name.official : name.nixpkgs;
        if (!one.empty() && one != "openblasSupport") out.emplace_back(one);
    }
    return out;
}

std::string_view whose(bool official) { return official ? "the official package" : "nixpkgs' package"; }

/// A helper that gets packages of both sources: one of them refuses the argument, whatever it is called.
void argument_of_either(const FileView& view, const Package& package, Sink& sink) {
    for (const Argument& argument : package.arguments) {
        if (official_has(argument.name) == nixpkgs_has(argument.name)) continue;
        sink.at(view.tree, argument.name_node,
                fmt::format("this helper is called with nixpkgs' package and with the official one; only {} takes {}",
                            whose(official_has(argument.name)), argument.name))
            .remedy = "hand the helper packages of one source";
    }
}

/// The right name; or without the argument, where that name is there already.
std::optional<Fix> rename_argument(const Package& package, const Argument& argument, const std::string& now) {
    const Tree& tree = *package.tree;
    if (package.argument(now) != nullptr)
        return remove_node(tree, argument.binding, fmt::format("take it out: {} is there", now));
    return replace_node(tree, argument.name_node, now, fmt::format("write {}", now));
}

/// "gfx1100;gfx1030" → `[ "gfx1100" "gfx1030" ]`, and back; nullopt = it is computed.
std::optional<std::string> other_form_of_targets(const Tree& tree, NodeId value) {
    std::vector<std::string> words;
    if (const auto text = nixsyntax::constant_string(tree, value)) {
        for (const std::string_view word : split(*text, ';'))
            if (!word.empty()) words.push_back(nix_string(word));
        return words.empty() ? "[ ]" : "[ " + join(words, " ") + " ]";
    }
    for (const NodeId item : tree.children(value)) {
        auto text = nixsyntax::constant_string(tree, nixsyntax::strip_parens(tree, item));
        if (!text) return std::nullopt;
        words.push_back(std::move(*text));
    }
    return nix_string(join(words, ";"));
}

/// The one argument that both packages take, each in a form of its own.
void targets_of_other(const FileView& view, const Package& package, bool official, Sink& sink) {
    for (const Argument& argument : package.arguments) {
        if (argument.name != "rocmGpuTargets") continue;
        const NodeId value = nixsyntax::strip_parens(view.tree, argument.value);
        const NodeId meant = nixsyntax::follow(view.tree, value);
        const bool text = view.tree.is(meant, Kind::string) || view.tree.is(meant, Kind::indented_string);
        if (!(official ? view.tree.is(meant, Kind::list) : text)) continue;
        Finding& finding =
            sink.at(view.tree, argument.value,
                    fmt::format("{} takes rocmGpuTargets as {}: this does not evaluate", whose(official),
                                official ? "one text, \"gfx1100;gfx1030\"" : "a list, [ \"gfx1100\" \"gfx1030\" ]"));
        const auto now = value == meant ? other_form_of_targets(view.tree, value) : std::nullopt;
        if (now) finding.fix = replace_node(view.tree, argument.value, *now, "write " + *now);
        else finding.remedy = official ? "join it: lib.concatStringsSep \";\" …" : "split it: lib.splitString \";\" …";
    }
}

void argument_of_other(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (package.mixed) argument_of_either(view, package, sink);
        if (package.mixed || package.source == Source::fitted) continue;  // our overlay understands both
        const bool official = package.source != Source::nixpkgs;
        targets_of_other(view, package, official, sink);
        for (const Argument& argument : package.arguments) {
            const bool ours = official ? official_has(argument.name) : nixpkgs_has(argument.name);
            const auto* other = official ? std::ranges::find(kArgumentNames, argument.name, &ArgumentName::nixpkgs)
                                         : std::ranges::find(kArgumentNames, argument.name, &ArgumentName::official);
            if (ours || argument.name.empty() || other == std::end(kArgumentNames)) continue;
            const std::string_view now = official ? other->official : other->nixpkgs;
            Finding& finding =
                sink.at(view.tree, argument.name_node,
                        fmt::format("{} takes no {}: this does not evaluate", whose(official), argument.name));
            finding.fix = now.empty()
                              ? remove_node(view.tree, argument.binding, "take it out: there is nothing like it")
                              : rename_argument(package, argument, std::string(now));
            if (!argument.inherited) continue;
            finding.fix.reset();
            if (!now.empty()) finding.remedy = fmt::format("write {} = {};", now, argument.name);
        }
    }
}

void unknown_argument(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const bool official = package.source != Source::nixpkgs;
        for (const Argument& argument : package.arguments) {
            // The old name is the other rule's business where the package has a new one under another name.
            const bool old = official && argument.name == "openblasSupport";
            if (official_has(argument.name) || nixpkgs_has(argument.name) || old) continue;
            const auto near = argument.name == "openblasSupport" ? std::optional<std::string>("blasSupport")
                                                                 : did_you_mean(argument.name, names_of(official));
            const bool slip = near && edit_distance(argument.name, *near) == 1;
            if (is_attribute(argument.name) && package.source != Source::fitted &&
                !is_made_here(package.names, view.known)) {
                sink.at(view.tree, argument.name_node,
                        fmt::format("{} is an attribute of the derivation, and no argument: this does not evaluate",
                                    argument.name))
                    .remedy =
                    fmt::format("hand it to overrideAttrs:  pkg.overrideAttrs (old: {{ {} = …; }})", argument.name);
                continue;
            }
            if (!looks_like_switch(argument.name) && !slip) continue;
            Finding& finding = sink.at(
                view.tree, argument.name_node,
                fmt::format("no llama.cpp package takes an argument {}: this does not evaluate", argument.name));
            if (argument.inherited) {
                if (near) finding.remedy = fmt::format("write {} = {};", *near, argument.name);
            } else if (near) {
                finding.fix = rename_argument(package, argument, *near);
            } else {
                finding.fix = remove_node(view.tree, argument.binding, "take it out");
                finding.remedy = fmt::format("its arguments: {}", join(names_of(official), ", "));
            }
        }
    }
}

void attribute_without_effect(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const bool official = package.source != Source::nixpkgs;
        for (const Setting& setting : package.settings) {
            const bool known = official_has(setting.name) || nixpkgs_has(setting.name);
            if (setting.in_env || !known) continue;
            Finding& finding = sink.at(
                view.tree, setting.binding,
                fmt::format("{} is an argument of the package: in overrideAttrs it does nothing", setting.name));
            auto fix = remove_node(view.tree, setting.binding, "hand it to .override");
            const auto* other = official ? std::ranges::find(kArgumentNames, setting.name, &ArgumentName::nixpkgs)
                                         : std::ranges::find(kArgumentNames, setting.name, &ArgumentName::official);
            const bool translate = !(official ? official_has(setting.name) : nixpkgs_has(setting.name));
            std::string name = setting.name;
            if (translate && other != std::end(kArgumentNames)) name = official ? other->official : other->nixpkgs;
            auto argument = name.empty() ? std::nullopt
                                         : add_argument(package, name, std::string(view.tree.text(setting.value)), "");
            if (!fix || !argument) continue;
            fix->edits.add(argument->edits);
            finding.fix = std::move(fix);
        }
    }
}

// --- .override { … } // { overrideAttrs = …; }
// ------------------------------------------------------------------------

/// `left // { … }` around a chain, or kNone.
NodeId update_around(const Tree& tree, NodeId chain) {
    NodeId left = chain;
    while (tree.is(tree.parent(left), Kind::parens)) left = tree.parent(left);
    const NodeId up = tree.parent(left);
    const bool update = tree.is(up, Kind::binary) && tree.op(up) == TokenKind::update && tree.child(up, 0) == left;
    return update ? up : kNone;
}

NodeId binding_of(const Tree& tree, NodeId set, std::string_view name) {
    for (const NodeId entry : nixsyntax::entries(tree, set)) {
        const auto path = tree.is(entry, Kind::binding)
                              ? nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry))
                              : std::nullopt;
        if (path && path->size() == 1 && path->front() == name) return entry;
    }
    return kNone;
}

/// The name in `inherit name;` of a set, or kNone.
NodeId inherited_by(const Tree& tree, NodeId set, std::string_view name) {
    for (const NodeId entry : nixsyntax::entries(tree, set)) {
        if (!tree.is(entry, Kind::inherit)) continue;
        for (const NodeId word : nixsyntax::inherit_names(tree, entry))
            if (nixsyntax::attr_name(tree, word) == name) return word;
    }
    return kNone;
}

/// `prev.llama-cpp // { cmakeFlags = …; }`, with no .override at all.
void laid_over_plain(const FileView& view, Sink& sink) {
    constexpr std::array<std::string_view, 6> kDerivation{"cmakeFlags",         "overrideAttrs", "env",
                                                          "NIX_CFLAGS_COMPILE", "patches",       "src"};
    for (const Mention& mention : view.mentions) {
        const NodeId update = mention.overridden ? kNone : update_around(view.tree, mention.node);
        const NodeId set = update == kNone ? kNone : nixsyntax::strip_parens(view.tree, view.tree.child(update, 1));
        if (!view.tree.is(set, Kind::set) || mention.names.size() < 2) continue;
        for (const std::string_view name : kDerivation) {
            const NodeId binding = binding_of(view.tree, set, name);
            if (binding == kNone) continue;
            sink.at(view.tree, binding,
                    "this is laid over the finished package with //, and never applied: the derivation is the one "
                    "without it")
                .remedy = "write pkg.overrideAttrs (old: { … })";
            break;
        }
    }
}

void override_precedence(const FileView& view, Sink& sink) {
    laid_over_plain(view, sink);
    for (const Package& package : view.packages) {
        const NodeId update = update_around(view.tree, package.chain);
        if (update == kNone) continue;
        const NodeId set = nixsyntax::strip_parens(view.tree, view.tree.child(update, 1));
        if (!view.tree.is(set, Kind::set)) continue;
        const NodeId attrs = binding_of(view.tree, set, "overrideAttrs");
        const NodeId flags = binding_of(view.tree, set, "cmakeFlags");
        if (const NodeId name = inherited_by(view.tree, set, "overrideAttrs"); name != kNone)
            sink.at(view.tree, name,
                    "this is laid over the finished package with //, and never applied: the derivation is the one "
                    "without it")
                .remedy = "write (pkg.override { … }).overrideAttrs overrideAttrs";
        if (attrs == kNone && flags == kNone) continue;
        Finding& finding = sink.at(view.tree, attrs != kNone ? attrs : flags,
                                   "this is laid over the finished package with //, and never applied: the derivation "
                                   "is the one without it");
        finding.fix = attrs != kNone ? override_attrs_applied(view.tree, update, set, attrs)
                                     : flags_applied(view.tree, update, set, flags);
        if (!finding.fix) finding.remedy = "write (pkg.override { … }).overrideAttrs (old: { … })";
    }
}

constexpr TextRule kRules[] = {
    {{"override-precedence", Severity::error, "flags that never reach the derivation"}, override_precedence},
    {{"argument-of-other-package", Severity::error, "an argument of the other llama.cpp package"}, argument_of_other},
    {{"unknown-argument", Severity::error, "an argument that no llama.cpp package takes"}, unknown_argument},
    {{"attribute-without-effect", Severity::error, "an argument of the package given as an attribute"},
     attribute_without_effect},
};

}  // namespace

std::span<const TextRule> override_rules() { return kRules; }

}  // namespace lf::lint
