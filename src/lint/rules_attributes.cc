// SPDX-License-Identifier: MIT
// What overrideAttrs sets beside flags: variables of the build, the source and its hash.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lint/fixes.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"

namespace lf::lint {
namespace {

/// Names that look like those of nixpkgs' compiler wrapper and are none (its add-flags.sh lists what it reads; it does
/// read NIX_CXXSTDLIB_COMPILE and NIX_CXXSTDLIB_LINK, for C++).
constexpr std::array<std::string_view, 6> kNoReader{"NIX_CFLAGS",           "NIX_CXXFLAGS",
                                                    "NIX_CXXFLAGS_COMPILE", "NIX_CFLAGS_COMPILE_AFTER",
                                                    "NIX_CPPFLAGS_COMPILE", "NIX_CFLAGS_AFTER"};

void no_reader(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Setting& setting : package.settings) {
            if (std::ranges::find(kNoReader, setting.name) == kNoReader.end()) continue;
            Finding& finding = sink.at(view.tree, setting.binding,
                                       fmt::format("nothing reads {}: these flags reach no compiler", setting.name));
            finding.fix = remove_node(view.tree, setting.binding, "take it out: nothing changes");
            finding.remedy = "the compiler wrapper reads env.NIX_CFLAGS_COMPILE";
        }
}

void env_replaced(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages)
        for (const Setting& setting : package.settings) {
            if (setting.name != "env" || setting.in_env || !view.tree.is(setting.value, Kind::set)) continue;
            Finding& finding = sink.at(view.tree, setting.value,
                                       "the package's own env is lost; ROCm builds find ROCm by ROCM_PATH in it");
            const std::string& old = package.attrs.back().old;
            if (old.empty() || old == "_") {
                finding.remedy = "write env = (old.env or { }) // { … };";
                continue;
            }
            Fix fix{"keep it", {}};
            fix.edits.insert(view.tree.span(setting.value).begin, fmt::format("({}.env or {{ }}) // ", old));
            finding.fix = std::move(fix);
        }
}

/// `final.applyPatches { src = old.src; … }`: the package's own source, changed.
bool keeps_source(const Package& package, const Setting& source) {
    const std::string_view text = package.tree->text(source.value);
    return std::ranges::any_of(package.attrs, [&](const AttrsCall& call) {
        return !call.old.empty() && text.find(call.old + ".src") != std::string_view::npos;
    });
}

void version_without_hash(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        if (package.source != Source::nixpkgs) continue;
        const Setting* source = package.setting("src") != nullptr ? package.setting("src") : package.setting("version");
        if (source != nullptr && source->name == "src" && keeps_source(package, *source)) continue;
        const Setting* deps = package.setting("npmDeps");
        if (deps != nullptr && view.tree.text(deps->value) == "null") continue;  // built without its web page
        const bool hash = package.setting("npmDepsHash") != nullptr || deps != nullptr;
        if ((source != nullptr) == hash) continue;
        if (source != nullptr) {
            sink.at(view.tree, source->binding,
                    "a new source needs a new npmDepsHash and npmDeps: the web page's packages are pinned by them")
                .remedy = "or take the official flake, whose web page needs no hash";
        } else {
            const Setting* only = package.setting("npmDepsHash");
            if (only == nullptr) only = package.setting("npmDeps");
            sink.at(view.tree, only->binding, "the hash of the web page's packages is changed, its source is not")
                .remedy = "set src and version of the same release beside it";
        }
    }
}

constexpr TextRule kRules[] = {
    {{"no-reader", Severity::error, "flags in a variable that nothing reads"}, no_reader},
    {{"env-replaced", Severity::warning, "env without the package's own"}, env_replaced},
    {{"version-without-hash", Severity::warning, "a new source without the hash of its web page"},
     version_without_hash},
};

}  // namespace

std::span<const TextRule> attribute_rules() { return kRules; }

}  // namespace lf::lint
