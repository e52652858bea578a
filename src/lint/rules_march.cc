// SPDX-License-Identifier: MIT
// -march=native, by every road that leads to the compiler. What nixpkgs' compiler wrapper makes of it is told in
// doc/lint/march-native.md.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "lint/fixes.h"
#include "lint/rule.h"
#include "nixsyntax/query.h"
#include "nixsyntax/style.h"

namespace lf::lint {
namespace {

/// The text of a setting with -march=native in it.
bool has_native_march(std::string_view text) {
    return text.find("-march=native") != std::string_view::npos ||
           text.find("-mcpu=native") != std::string_view::npos || text.find("-mtune=native") != std::string_view::npos;
}

/// `-O3 -march=native` → `-O3`; nullopt = the value is no plain string, or nothing else is in it.
std::optional<std::string> without_native(const Tree& tree, NodeId value) {
    const auto text = nixsyntax::constant_string(tree, value);
    if (!text) return std::nullopt;
    std::vector<std::string> rest;
    for (const std::string_view word : split(*text, ' '))
        if (!word.empty() && !word.ends_with("=native")) rest.emplace_back(word);
    if (rest.empty()) return std::nullopt;
    return join(rest, " ");
}

/// The binding, or `env = (old.env or { }) // { … };` around it where it is all that stands in there.
NodeId whole_setting(const Tree& tree, NodeId binding) {
    const NodeId set = tree.parent(binding);
    if (!tree.is(set, Kind::set) || nixsyntax::entries(tree, set).size() != 1) return binding;
    NodeId up = tree.parent(set);
    if (tree.is(up, Kind::binary) && tree.is(nixsyntax::strip_parens(tree, tree.child(up, 0)), Kind::select))
        up = tree.parent(up);
    const bool env = tree.is(up, Kind::binding) && tree.text(nixsyntax::binding_path(tree, up)) == "env";
    return env ? up : binding;
}

/// `(old.X or "") + " -march=native"`, `toString [ (old.X or "") "-march=native" ]`: is what the package had, and
/// nothing else.
bool is_old_with_native(const Tree& tree, NodeId value) {
    const NodeId id = nixsyntax::strip_parens(tree, value);
    std::vector<NodeId> parts;
    if (tree.is(id, Kind::binary) && tree.op(id) == nixsyntax::TokenKind::plus) {
        parts = {tree.child(id, 0), tree.child(id, 1)};
    } else if (tree.is(id, Kind::apply) && tree.text(nixsyntax::call_parts(tree, id).front()).ends_with("toString")) {
        const NodeId list = nixsyntax::strip_parens(tree, tree.last_child(id));
        if (!tree.is(list, Kind::list)) return false;
        parts.assign(tree.children(list).begin(), tree.children(list).end());
    }
    return !parts.empty() && std::ranges::all_of(parts, [&](NodeId part) {
        part = nixsyntax::strip_parens(tree, part);
        if (const auto text = nixsyntax::constant_string(tree, part))
            return std::ranges::all_of(split(*text, ' '),
                                       [](auto word) { return word.empty() || word.ends_with("=native"); });
        const auto path = tree.is(part, Kind::select) ? nixsyntax::attr_path(tree, tree.child(part, 1)) : std::nullopt;
        return path && path->back().starts_with("NIX_CFLAGS");
    });
}

/// Takes -march=native out of a variable, and nothing else.
std::optional<Fix> remove_native(const Tree& tree, const Setting& setting) {
    const std::string title = "write the instruction sets that all plans share instead";
    if (is_old_with_native(tree, setting.value)) return remove_node(tree, whole_setting(tree, setting.binding), title);
    if (const auto rest = without_native(tree, setting.value))
        return replace_node(tree, setting.value, nix_string(*rest), title);
    if (!nixsyntax::constant_string(tree, setting.value)) return std::nullopt;
    return remove_node(tree, whole_setting(tree, setting.binding), title);
}

/// Where no list of flags is there: a new one in the place of the variable. nullopt = the variable holds more, or no
/// place of that kind.
std::optional<Fix> flags_instead(const Package& package, const Setting& setting,
                                 const std::vector<std::string>& flags) {
    const Tree& tree = *package.tree;
    if (flags.empty() || package.attrs.size() != 1 || package.attrs.back().flags_value != kNone) return std::nullopt;
    const AttrsCall& call = package.attrs.back();
    const auto text = nixsyntax::constant_string(tree, setting.value);
    const bool alone = text ? !without_native(tree, setting.value) : is_old_with_native(tree, setting.value);
    const NodeId place = whole_setting(tree, setting.binding);
    if (!alone || call.old.empty() || call.old == "_" || tree.parent(place) != call.set) return std::nullopt;
    const auto style = nixsyntax::file_style(tree);
    const std::string line = style.newline + std::string(nixsyntax::line_indent(tree, tree.span(place).begin));
    const std::string item = line + style.indent_unit;
    return replace_node(tree, place,
                        fmt::format("cmakeFlags = {}.cmakeFlags ++ [{}{}{}];", call.old, item, join(flags, item), line),
                        "write the instruction sets that all plans share instead");
}

/// `preConfigure`, `postPatch`, `buildPhase`: text that the build's shell runs.
bool is_hook(std::string_view name) {
    const bool hook = (name.starts_with("pre") && name.size() > 3 && name[3] >= 'A' && name[3] <= 'Z') ||
                      (name.starts_with("post") && name.size() > 4 && name[4] >= 'A' && name[4] <= 'Z');
    return hook || name.ends_with("Phase");
}

/// A line of a shell's text, and no comment, that asks for the builder's CPU.
bool asks_for_native(std::string_view script) {
    return std::ranges::any_of(lines(script), [](std::string_view line) {
        const std::size_t begin = line.find_first_not_of(" \t\"'");
        return begin != std::string_view::npos && line[begin] != '#' && has_native_march(line);
    });
}

/// CMAKE_C_FLAGS and its like: the wrapper sees them, and takes them away.
void march_in_flags(const FileView& view, const Package& package, Sink& sink) {
    bool added = false;  // the planned flags, by the fix of an earlier one
    for (const Flag& flag : package.flags.flags) {
        const bool compiler = flag.name.starts_with("CMAKE_C_FLAGS") || flag.name.starts_with("CMAKE_CXX_FLAGS");
        if (!compiler || !has_native_march(view.tree.text(flag.node))) continue;
        Finding& finding = sink.at(
            view.tree, flag.node,
            native_passes(package)
                ? fmt::format("{} takes the CPU of whichever machine builds", flag.name)
                : fmt::format("Nix' compiler wrapper takes -march=native away again: {} changes nothing", flag.name));
        const auto words = split(flag.value.value_or(""), ' ');
        const bool alone = flag.value && std::ranges::all_of(words, [](auto w) { return w.ends_with("=native"); });
        const auto missing = planned_flags(view.known, &package.flags);
        auto fix = alone ? remove_flag(view.tree, flag, "write the instruction sets that all plans share instead")
                         : std::nullopt;
        auto flags = added ? std::nullopt : add_flags(package, missing, "");
        if (fix && (flags || added || (missing.empty() && !view.known.cpu_flags.empty()))) {
            if (flags) fix->edits.add(flags->edits);
            added = true;
            finding.fix = std::move(fix);
        } else {
            finding.remedy = std::string(kGetFlags);
        }
    }
}

/// `stdenv = final.withCFlags [ "-march=native" ] final.stdenv;`, impureUseNativeOptimizations
void march_in_stdenv(const FileView& view, const Package& package, Sink& sink) {
    for (const char* name : {"stdenv", "effectiveStdenv"}) {
        const Argument* argument = package.argument(name);
        if (argument == nullptr) continue;
        const std::string_view text = view.tree.text(nixsyntax::follow(view.tree, argument->value));
        if (!has_native_march(text) && text.find("impureUseNativeOptimizations") == std::string_view::npos) continue;
        sink.at(view.tree, argument->binding,
                fmt::format("{} takes the CPU of whichever machine builds, for every file and for tools that run "
                            "while building",
                            name))
            .remedy = std::string(kGetFlags);
    }
}

void march_native(const FileView& view, Sink& sink) {
    for (const Package& package : view.packages) {
        march_in_flags(view, package, sink);
        march_in_stdenv(view, package, sink);
        for (const Setting& setting : package.settings) {
            if (setting.name == "env" || !has_native_march(view.tree.text(setting.value))) continue;
            const bool hook = is_hook(setting.name) && asks_for_native(view.tree.text(setting.value));
            if (!setting.name.starts_with("NIX_CFLAGS") && setting.name != "NIX_CXXSTDLIB_COMPILE" &&
                setting.name != "CFLAGS" && setting.name != "CXXFLAGS" && !hook)
                continue;
            Finding& finding = sink.at(view.tree, setting.binding,
                                       fmt::format("{} takes the CPU of whichever machine builds, for every file and "
                                                   "for tools that run while building",
                                                   setting.name));
            if (hook) {
                finding.remedy = std::string(kGetFlags);
                continue;
            }
            auto fix = remove_native(view.tree, setting);
            const auto missing = planned_flags(view.known, &package.flags);
            auto flags = add_flags(package, missing, "");
            const bool there = missing.empty() && !view.known.cpu_flags.empty();
            if (fix && !flags && !there) fix = flags_instead(package, setting, missing);
            if (fix && (flags || there || !missing.empty())) {
                if (flags) fix->edits.add(flags->edits);
                finding.fix = std::move(fix);
            } else {
                finding.remedy = std::string(kGetFlags);
            }
        }
    }
}

constexpr TextRule kRules[] = {
    {{"march-native", Severity::error, "-march=native in the compiler's flags"}, march_native},
};

}  // namespace

std::span<const TextRule> march_rules() { return kRules; }

}  // namespace lf::lint
