// SPDX-License-Identifier: MIT
// What the owner of a framework's flake pastes: a module in a file of its own, and the one line that makes it part of
// the host, where that framework looks for it.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/by_hand.h"
#include "flake/framework.h"

namespace lf::flake {
namespace {

NodeId set_of(const Tree& tree, NodeId value) {
    return value == kNone ? kNone : module_set(tree, nixsyntax::follow(tree, value));
}

std::uint32_t line_in(Work& work, const Tree& tree, std::uint32_t offset) {
    return work.sources.original_line(tree.file(), offset);
}

/// `value = nixosSystem { … }` of blueprint's own form of host: the set of its arguments.
NodeId nixos_system_arguments(const Tree& tree) {
    for (NodeId id = 0; id < tree.size(); ++id)
        if (tree.is(id, Kind::apply) && tree.text(tree.child(id, 0)).ends_with("nixosSystem"))
            return set_of(tree, tree.child(id, 1));
    return kNone;
}

/// Do the modules of such a host get inputs?
bool calls_with_inputs(const Tree* tree) {
    const NodeId set = tree == nullptr ? kNone : nixos_system_arguments(*tree);
    const Setting given = set == kNone ? Setting{} : find_setting({{tree, set}}, "specialArgs");
    const NodeId arguments = given.tree == nullptr ? kNone : set_of(*tree, given.value);
    return arguments != kNone && !nixsyntax::find_bindings(*tree, arguments, "inputs").empty();
}

NodeId denix_host(const Tree& tree, const std::string& host) {
    for (NodeId id = 0; id < tree.size(); ++id) {
        if (!tree.is(id, Kind::apply) || !tree.text(tree.child(id, 0)).ends_with(".host")) continue;
        const NodeId set = nixsyntax::strip_parens(tree, tree.child(id, 1));
        const NodeId name = nixsyntax::find_value(tree, set, "name");
        if (name != kNone && text_of(tree, name) == host) return set;
    }
    return kNone;
}

/// Where the module of a host is imported; its file is empty where the text does not tell.
Paste place_of(Work& work, const Outline& outline, const FrameworkUse& use, const FrameworkHost& host,
               const std::string& module) {
    const Tree* tree = work.sources.tree_or_null(host.file);
    if (tree == nullptr) return {};
    const std::string element = path_literal(host.file, module);
    const auto into = [&](NodeId set, const std::vector<std::string>& path) {
        return set == kNone ? Paste{} : into_list(work, *tree, set, path, element);
    };
    if (host.is_module) return into(module_set(*tree, tree->root()), {"imports"});
    if (use.framework->name == "denix") return into(denix_host(*tree, host.name), {"nixos", "imports"});
    if (use.framework->name == "blueprint") return into(nixos_system_arguments(*tree), {"modules"});
    if (host.entry.empty()) return into(module_set(*tree, tree->root()), {"modules"});
    std::vector<std::string> path = host.entry;
    path.emplace_back(host.entry_is_module ? "imports" : "modules");
    for (const Settings& settings : framework_settings(work.sources, outline, use))
        if (settings.tree == tree &&
            find_setting({settings}, std::vector<std::string>{host.entry.front()}).tree != nullptr)
            return into(settings.set, path);
    for (const Settings& settings : framework_settings(work.sources, outline, use))
        if (settings.tree == tree) return into(settings.set, path);
    return {};
}

/// `{ inherit inputs; }`, as flake.nix can say it.
std::string all_inputs(const Outline& outline) {
    if (outline.argument == "inputs") return "inherit inputs;";
    if (!outline.argument.empty()) return fmt::format("inputs = {};", outline.argument);
    return "inherit (self) inputs;";
}

enum class HandedOn : std::uint8_t { yes, no, unknown };

/// Does the owner hand `inputs` on to the hosts' modules?
HandedOn hands_inputs_on(const std::vector<Settings>& settings, std::string_view setting) {
    const Setting found = find_setting(settings, setting);
    if (found.tree == nullptr) {
        auto path = nixsyntax::path_parts(setting);
        path.emplace_back("inputs");
        return find_setting(settings, path).tree != nullptr ? HandedOn::yes : HandedOn::no;
    }
    const NodeId set = set_of(*found.tree, found.value);
    if (set == kNone) return HandedOn::unknown;
    return nixsyntax::find_bindings(*found.tree, set, "inputs").empty() ? HandedOn::no : HandedOn::yes;
}

/// The text that hands the inputs on, where the framework wants it.
void explain_inputs_argument(Work& work, const Outline& outline, const FrameworkUse& use,
                             const std::vector<Settings>& settings) {
    const std::string setting(use.framework->settings.front());
    const Setting there = find_setting(settings, setting);
    const NodeId set = there.tree == nullptr ? kNone : set_of(*there.tree, there.value);
    Instruction out{"flake.nix", 0, {}, {}};
    if (set != kNone) {
        out = {there.tree->file(), line_in(work, *there.tree, there.tree->span(set).begin), all_inputs(outline),
               fmt::format("into {}, so that modules get inputs", setting)};
    } else {
        if (use.settings != kNone)
            out.line = line_in(work, *outline.outputs.tree, outline.outputs.tree->span(use.settings).begin);
        out.text = fmt::format("{} = {{ {} }};", setting, all_inputs(outline));
        out.why = fmt::format("for {}, so that modules get inputs", use.framework->name);
    }
    const bool there_already = std::any_of(work.instructions.begin(), work.instructions.end(),
                                           [&](const auto& it) { return it.file == out.file && it.text == out.text; });
    if (!there_already) work.instructions.push_back(std::move(out));
}

/// hive and std refuse nixpkgs.overlays: the overlay belongs into the pkgs that the owner makes.
void explain_own_pkgs(Work& work, const FrameworkUse& use, const std::string& host) {
    std::string file;
    std::uint32_t line = 0;
    for (const std::string& candidate : work.sources.all_nix_files()) {
        if (work.sources.text(candidate).value_or("").find("bee") == std::string::npos) continue;
        const Tree* tree = work.sources.tree_or_null(candidate);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::binding)) continue;
            const auto path = full_path(*tree, id);
            const bool named =
                std::find(path.begin(), path.end(), host) != path.end() || candidate.find(host) != std::string::npos;
            if (!ends_with(path, {"bee", "pkgs"}) || (!file.empty() && !named)) continue;
            file = candidate;
            line = line_in(work, *tree, tree->span(id).begin);
        }
    }
    if (file.empty()) file = "flake.nix";
    const std::string inputs =
        work.input == "llama-cpp" ? "inherit inputs;" : fmt::format("inputs.llama-cpp = inputs.{};", work.input);
    work.instructions.push_back(
        {file, line,
         fmt::format("(import {} {{\n  {}\n  plan = {};\n}})", path_literal(file, work.overlay), inputs,
                     path_literal(file, "llama-fleet/plan/" + host + ".json")),
         fmt::format("{} refuses nixpkgs.overlays: the overlay belongs into the overlays of the pkgs of {}",
                     use.framework->name, printable(host))});
    work.instructions.push_back({file, line,
                                 fmt::format("environment.systemPackages = [ pkgs.{} ];", work.package(host)),
                                 fmt::format("the package, in the configuration of {}", printable(host))});
}

}  // namespace

Paste into_list(Work& work, const Tree& tree, NodeId set, const std::vector<std::string>& path,
                const std::string& element) {
    const std::string name = join(path, ".");
    const Setting setting = find_setting({{&tree, set}}, path);
    if (setting.tree != nullptr) {
        const auto literals = nixsyntax::list_literals(tree, setting.value);
        if (literals.empty())
            return {tree.file(), line_in(work, tree, tree.span(setting.value).end - 1),
                    fmt::format("++ [ {} ]", element), fmt::format("behind the value of {}", name)};
        const NodeId list = literals.back();
        const NodeId last = tree.children(list).empty() ? list : tree.last_child(list);
        const nixsyntax::Span span = tree.span(last);
        return {tree.file(), line_in(work, tree, last == list ? span.begin : span.end - 1), element,
                fmt::format("into the list {}", name)};
    }
    for (std::size_t n = path.size() - 1;; --n) {
        const std::vector<std::string> front(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(n));
        const Setting inner = n == 0 ? Setting{&tree, set} : find_setting({{&tree, set}}, front);
        const NodeId target = inner.tree == nullptr ? kNone : set_of(tree, inner.value);
        if (target != kNone || n == 0) {
            const std::vector<std::string> rest(path.begin() + static_cast<std::ptrdiff_t>(n), path.end());
            return {tree.file(), line_in(work, tree, tree.span(target == kNone ? set : target).begin),
                    fmt::format("{} = [ {} ];", join(rest, "."), element), "into the set that begins there"};
        }
    }
}

bool explain_in_framework(Work& work, const Outline& outline, const std::string& host) {
    const FrameworkUse use = find_framework(work.sources, outline);
    if (use.framework == nullptr || use.framework->name == "flake-parts" || use.framework->name == "haumea")
        return false;
    const std::string because = fmt::format("{} makes its hosts", use.framework->name);
    if (use.framework->inputs == InputsAs::nobody) {
        explain_own_pkgs(work, use, host);
        return true;
    }
    if (use.framework->inputs == InputsAs::file) return explain_in_tree(work, outline, use, host);
    const auto settings = framework_settings(work.sources, outline, use);
    InputsAs given = use.framework->inputs;
    if (!use.framework->settings.front().empty()) {
        HandedOn handed = HandedOn::no;
        for (const std::string_view setting : use.framework->settings)
            if (handed == HandedOn::no && !setting.empty()) handed = hands_inputs_on(settings, setting);
        if (given == InputsAs::owner && handed == HandedOn::no) explain_inputs_argument(work, outline, use, settings);
        if (handed == HandedOn::yes || given == InputsAs::owner) given = InputsAs::argument;
    }
    const std::string file = fmt::format("llama-fleet/{}.nix", host);
    const auto hosts = framework_hosts(work.sources, outline, use);
    const auto it = std::find_if(hosts.begin(), hosts.end(), [&](const FrameworkHost& h) { return h.name == host; });
    Paste paste = it == hosts.end() ? Paste{} : place_of(work, outline, use, *it, file);
    const bool own_call = it != hosts.end() && use.framework->name == "blueprint" && !it->is_module &&
                          !calls_with_inputs(work.sources.tree_or_null(it->file));
    work.instructions.push_back(
        {file, 0, host_module_text(work, host, file, given),
         fmt::format("a new file, of which git has to know: the module of {}{} ({})", printable(host),
                     own_call ? ", whose specialArgs must have inputs" : "", because)});
    if (paste.file.empty())
        paste = {it == hosts.end() ? "flake.nix" : it->file, 0,
                 path_literal(it == hosts.end() ? "flake.nix" : it->file, file), std::string(use.framework->says)};
    work.instructions.push_back({paste.file, paste.line, paste.text,
                                 fmt::format("makes that file a part of {}: {}", printable(host), paste.where)});
    return true;
}

}  // namespace lf::flake
