// SPDX-License-Identifier: MIT
// Instruction sets: GGML_NATIVE and run-time dispatch. What ggml and nixpkgs' compiler wrapper make of them is
// told in doc/lint/.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "check/expectation.h"
#include "flake/layout.h"
#include "lint/fixes.h"
#include "lint/overlay_shape.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

bool all_variants(const Package& package) { return package.flags.on("GGML_CPU_ALL_VARIANTS"); }

/// The wanted instruction sets are not known to the lint: what can be said without them.
void propose_planned_flags(const FileView& view, const Package& package, NodeId, Finding& finding) {
    const auto planned = planned_flags(view.known);
    if (planned.empty()) {
        finding.remedy = std::string(kGetFlags);
        return;
    }
    finding.fix = add_flags(package, planned, "add the instruction sets that all plans of this fleet share");
}

std::optional<Fix> native_off_with_planned(const FileView& view, const Package& package, const Flag& native) {
    auto off = set_flag(*package.tree, native, false);
    const auto planned = planned_flags(view.known);
    if (!off || planned.empty()) return std::nullopt;
    auto flags = add_flags(package, planned, "");
    if (!flags) return std::nullopt;
    off->edits.add(flags->edits);
    off->title = "switch it off and add the instruction sets that all plans of this fleet share";
    return off;
}

void native_silences(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const Flag* native = native_on(package);
        const auto explicit_flags = x86_flags_on(package.flags);
        if (native == nullptr || explicit_flags.empty()) continue;
        Finding& finding = sink.at(
            view.tree, native->node,
            fmt::format("with GGML_NATIVE on, ggml ignores {}{}", explicit_flags.front()->name,
                        explicit_flags.size() == 1 ? "" : fmt::format(" and {} more", explicit_flags.size() - 1)));
        if (!native_passes(package)) finding.message += "; Nix takes -march=native away too: the result is plain SSE2";
        finding.fix = set_flag(view.tree, *native, false);
    }
}

void native_stripped(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const Flag* native = native_on(package);
        if (native == nullptr || native_passes(package)) continue;
        if (!x86_flags_on(package.flags).empty() || all_variants(package)) continue;  // other rules
        if (package.flags.on("GGML_BACKEND_DL") || dispatches(package, view.known) == true) continue;
        Finding& finding = sink.at(view.tree, native->node,
                                   "Nix' compiler wrapper takes -march=native away, so GGML_NATIVE gives plain SSE2");
        finding.fix = native_off_with_planned(view, package, *native);
        if (!finding.fix) finding.remedy = std::string(kGetFlags);
    }
}

void native_without_effect(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const Flag* native = package.flags.find("GGML_NATIVE");
        if (native == nullptr || !package.flags.on("GGML_NATIVE")) continue;
        const bool by_package = dispatches(package, view.known) == true;
        if (!by_package && !all_variants(package)) continue;
        Finding& finding = sink.at(view.tree, native->node,
                                   "ggml switches GGML_NATIVE off again for each variant of GGML_CPU_ALL_VARIANTS");
        if (by_package) {
            finding.message += ", which nixpkgs' package sets";
            finding.remedy =
                "nixpkgs' package already takes the widest instruction set when it starts;\n"
                "for a build of your own:  .override { cpuArchDynamicDispatch = false; }";
        }
        finding.fix = remove_flag(view.tree, *native, "take it out: nothing changes");
    }
}

void native_with_backend_dl(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const Flag* native = package.flags.find("GGML_NATIVE");
        if (native == nullptr || !package.flags.on("GGML_NATIVE") || !package.flags.on("GGML_BACKEND_DL")) continue;
        if (all_variants(package)) continue;
        Finding& finding = sink.at(view.tree, native->node, "ggml stops at GGML_NATIVE together with GGML_BACKEND_DL");
        finding.fix = set_flag(view.tree, *native, false);
    }
}

void native_not_local(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (!package.flags.on("GGML_NATIVE") || !native_passes(package) || all_variants(package)) continue;
        if (dispatches(package, view.known) == true) continue;
        const auto said = [&](const char* name, std::string_view word) {
            const Setting* setting = package.setting(name);
            return setting != nullptr && view.tree.text(setting->value) == word;
        };
        if (said("preferLocalBuild", "true") && said("allowSubstitutes", "false")) continue;
        const Flag* native = package.flags.find("GGML_NATIVE");
        Finding& finding = sink.at(view.tree, native->node,
                                   "a native build may be made on one machine and taken by another, which then dies of "
                                   "an illegal instruction");
        if (package.attrs.empty() || package.attrs.back().set == kNone) {
            finding.remedy = "set preferLocalBuild = true; and allowSubstitutes = false; beside it";
            continue;
        }
        Fix fix{"build it where it runs, and never take it from a cache", {}};
        const NodeId set = package.attrs.back().set;
        for (const auto& [name, line] : {std::pair{"preferLocalBuild", "preferLocalBuild = true;"},
                                         std::pair{"allowSubstitutes", "allowSubstitutes = false;"}})
            if (package.setting(name) == nullptr) flake::append_item(view.tree, set, {line, {{0, line}}}, fix.edits);
        if (!fix.edits.empty()) finding.fix = std::move(fix);
    }
}

/// Is one variant with these sets at least what the dispatch picks on a CPU of the last ten years, or what all plans of
/// the fleet say? With less, a build of its own is slower than the one with every variant.
bool is_complete(const FileView& view, const Package& package) {
    const auto on = [&](const char* name) { return package.flags.on(name); };
    const bool planned = !view.known.cpu_flags.empty() && planned_flags(view.known, &package.flags).empty();
    return planned || (on("GGML_AVX2") && on("GGML_FMA") && on("GGML_F16C") && on("GGML_BMI2"));
}

/// Takes flags out that change nothing; nullopt = one is written too cleverly, or another package needs it.
std::optional<Fix> remove_overwritten(const FileView& view, const std::vector<const Flag*>& flags) {
    for (const Package& package : view.packages) {
        if (dispatches(package, view.known) == true || all_variants(package)) continue;
        for (const Flag* other : x86_flags_on(package.flags))
            if (std::ranges::find(flags, other->node, &Flag::node) != flags.end()) return std::nullopt;
    }
    return remove_flags(view.tree, flags, "take the instruction sets out: nothing changes");
}

void explicit_with_variants(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        const auto explicit_flags = x86_flags_on(package.flags);
        const bool by_package = dispatches(package, view.known) == true;
        if (explicit_flags.empty() || (!by_package && !all_variants(package))) continue;
        const Flag& first = *explicit_flags.front();
        Finding& finding =
            sink.at(view.tree, first.node,
                    fmt::format("{} every variant with flags of its own, so {} changes nothing",
                                by_package ? "nixpkgs' package builds" : "GGML_CPU_ALL_VARIANTS builds", first.name));
        if (by_package && is_complete(view, package)) {
            finding.fix =
                add_argument(package, "cpuArchDynamicDispatch", "false", "build the one variant that is asked for");
            finding.remedy = "or leave the flags out: it takes the widest instruction set when it starts";
            continue;
        }
        finding.fix = remove_overwritten(view, explicit_flags);
        if (by_package)
            finding.remedy =
                "or build one variant: .override { cpuArchDynamicDispatch = false; } with all\n"
                "sets of the CPU; `llama-fleet plan --format nix` (on it) lists them";
        else if (!finding.fix) finding.remedy = "take the instruction sets out of this package: nothing changes";
    }
}

/// Somebody chose instruction sets in a way of their own: -march=NAME, by any road.
bool tuned_by_march(const Package& package) {
    const Tree& tree = *package.tree;
    for (const char* name : {"CMAKE_C_FLAGS", "CMAKE_CXX_FLAGS"})
        if (const Flag* flag = package.flags.find(name))
            if (tree.text(flag->node).find("-m") != std::string_view::npos) return true;
    for (const Setting& setting : package.settings)
        if (setting.name != "env" && tree.text(setting.value).find("-march=") != std::string_view::npos) return true;
    const Argument* stdenv = package.argument("effectiveStdenv");
    return stdenv != nullptr || package.argument("stdenv") != nullptr;
}

bool is_tuned(const Package& package) {
    return !x86_flags_on(package.flags).empty() || all_variants(package) || tuned_by_march(package) ||
           package.flags.find("GGML_CPU_ARM_ARCH") != nullptr || package.flags.find("GGML_NATIVE") != nullptr;
}

/// What a binding of `let` or `rec` names is an argument of a function here, which may make something of it.
bool is_handed_on(const Tree& tree, NodeId binding) {
    return std::ranges::any_of(uses_of_binding(tree, binding), [&](NodeId use) {
        const NodeId up = tree.parent(use);
        return tree.is(up, Kind::apply) && tree.child(up, 0) != use;
    });
}

/// It is not what anybody installs: a function still makes something of it, or `//` hides what is laid over it.
bool goes_on(const Tree& tree, const Package& package) {
    NodeId at = package.chain;
    while (tree.is(tree.parent(at), Kind::parens)) at = tree.parent(at);
    const NodeId up = tree.parent(at);
    const bool argument = tree.is(up, Kind::apply) && tree.child(up, 0) != at;
    if (argument || tree.is(up, Kind::binary)) return true;
    return tree.is(up, Kind::binding) && is_handed_on(tree, up);
}

void sse2_chains(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (is_for_another_cpu(view, package.chain)) continue;
        if (goes_on(view.tree, package) || is_made_here(package.names, view.known)) continue;
        const bool dispatch_off = package.source == Source::nixpkgs && dispatches(package, view.known) == false &&
                                  package.argument("cpuArchDynamicDispatch") != nullptr;
        if (package.source != Source::official && !dispatch_off) continue;
        // What was not understood may hold the flags; evaluation can tell.
        if (is_tuned(package) || !package.flags.whole) continue;
        const bool attrs_unread =
            std::ranges::any_of(package.attrs, [](const auto& call) { return call.set == kNone; });
        if (attrs_unread) continue;
        Finding& finding = sink.at(view.tree, package.chain,
                                   "this is built for plain SSE2 on x86-64: no instruction set is switched on");
        propose_planned_flags(view, package, package.chain, finding);
    }
}

/// The official overlay's plain name, about which official-overlay-shadows speaks where the overlay is registered.
bool is_shadowed_only(const Knowledge& known, const Mention& mention) {
    return official_shadows_here(known) && mention.names.size() <= 2 && mention.names.back() == "llama-cpp" &&
           mention.names.front() != "llamaPackages";
}

/// A package of the official flake as it is, in a list of packages or as an option's value.
void sse2_mentions(const FileView& view, Sink& sink) {
    for (const Mention& mention : view.mentions) {
        if (mention.source != Source::official || mention.overridden) continue;
        if (is_for_another_cpu(view, mention.node)) continue;
        if (is_made_here(mention.names, view.known) || is_shadowed_only(view.known, mention)) continue;
        if (mention.names.back() == "overrideScope" || mention.names.back() == "python-scripts") continue;
        NodeId up = view.tree.parent(mention.node);
        while (view.tree.is(up, Kind::parens)) up = view.tree.parent(up);
        const bool used = view.tree.is(up, Kind::list) || view.tree.is(up, Kind::binding);
        const bool named = view.tree.is(up, Kind::binding) && view.tree.is(view.tree.parent(up), Kind::let);
        if (!used || named) continue;
        Finding& finding =
            sink.at(view.tree, mention.node, "the official flake's own package is built for plain SSE2 on x86-64");
        const auto planned = planned_flags(view.known);
        if (planned.empty()) {
            finding.remedy = std::string(kGetFlags);
            continue;
        }
        finding.fix = wrap_with_flags(view.tree, mention.node, planned,
                                      "add the instruction sets that all plans of this fleet share");
    }
}

void sse2_only(const FileView& view, Sink& sink) {
    sse2_chains(view, sink);
    sse2_mentions(view, sink);
}

constexpr TextRule kRules[] = {
    {{"native-silences-flags", Severity::error, "GGML_NATIVE=ON makes ggml ignore explicit instruction sets"},
     native_silences},
    {{"native-stripped", Severity::error, "GGML_NATIVE=ON is plain SSE2 in a Nix build"}, native_stripped},
    {{"native-without-effect", Severity::warning, "GGML_NATIVE in a build with run-time dispatch does nothing"},
     native_without_effect},
    {{"native-with-backend-dl", Severity::error, "GGML_NATIVE with GGML_BACKEND_DL stops the build"},
     native_with_backend_dl},
    {{"native-not-local", Severity::warning, "a native build that other machines may take"}, native_not_local},
    {{"explicit-flags-with-all-variants", Severity::error, "explicit instruction sets in a build of all variants"},
     explicit_with_variants},
    {{"sse2-only", Severity::error, "the result is plain SSE2"}, sse2_only},
};

}  // namespace

std::span<const TextRule> native_rules() { return kRules; }

}  // namespace lf::lint
