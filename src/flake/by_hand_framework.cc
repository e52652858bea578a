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

/// `bee.pkgs = …` of a host: where it stands, and the set and path that are the host's module.
struct Bee {
    const Tree* tree = nullptr;
    NodeId binding = kNone;
    NodeId set = kNone;
    std::vector<std::string> before;  ///< of its attributes in `set`, those before bee
};

Bee bee_at(const Tree& tree, NodeId binding) {
    Bee out{&tree, binding, kNone, {}};
    for (NodeId at = binding; at != kNone; at = nixsyntax::enclosing(tree, tree.parent(at), Kind::binding)) {
        const auto path = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, at)).value_or(out.before);
        const auto bee = std::find(path.begin(), path.end(), "bee");
        if (bee == path.end()) continue;
        out.set = nixsyntax::enclosing(tree, tree.parent(at), Kind::set);
        out.before.assign(path.begin(), bee);
        break;
    }
    return out;
}

/// Is `name` the host, or the part of its name behind its cell's: hive calls carbon of the cell home "home-carbon"?
bool is_name_of(std::string_view name, std::string_view host) {
    return name == host || (!name.empty() && host.ends_with("-" + std::string(name)));
}

/// That of this host, told by attributes or by its file; or the only one that there is.
Bee find_bee(Work& work, const std::string& host) {
    std::vector<Bee> all;
    for (const std::string& file : work.sources.all_nix_files()) {
        if (work.sources.text(file).value_or("").find("bee") == std::string::npos) continue;
        const Tree* tree = work.sources.tree_or_null(file);
        std::vector<std::string> names;
        for (const std::string_view part : split(file, '/'))
            names.emplace_back(part.substr(0, part.ends_with(".nix") ? part.size() - 4 : part.size()));
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id) {
            if (!tree->is(id, Kind::binding)) continue;
            auto path = full_path(*tree, id);
            if (!ends_with(path, {"bee", "pkgs"})) continue;
            path.insert(path.end(), names.begin(), names.end());
            all.push_back(bee_at(*tree, id));
            if (std::any_of(path.begin(), path.end(), [&](const auto& name) { return is_name_of(name, host); }))
                return all.back();
        }
    }
    return all.size() == 1 ? all.front() : Bee{};
}

/// hive, and std with hive's bee, refuse nixpkgs.overlays: the overlay belongs into the pkgs that the owner makes.
bool explain_own_pkgs(Work& work, const FrameworkUse& use, const std::string& host) {
    const Bee bee = find_bee(work, host);
    if (bee.tree == nullptr && use.framework->name != "hive") return false;
    const std::string file = bee.tree == nullptr ? "flake.nix" : bee.tree->file();
    const std::uint32_t line = bee.tree == nullptr ? 0 : line_in(work, *bee.tree, bee.tree->span(bee.binding).begin);
    const std::string inputs =
        work.input == "llama-cpp" ? "inherit inputs;" : fmt::format("inputs.llama-cpp = inputs.{};", work.input);
    const std::string overlay = fmt::format("(import {} {{\n  {}\n  plan = {};\n}})", path_literal(file, work.overlay),
                                            inputs, path_literal(file, plan_path(host)));
    Paste into = bee.tree == nullptr
                     ? Paste{}
                     : into_overlays(work, *bee.tree, nixsyntax::binding_value(*bee.tree, bee.binding), overlay);
    if (into.file.empty()) into = {file, line, overlay, "add it to the overlays of that pkgs"};
    work.instructions.push_back({into.file, into.line, into.text,
                                 fmt::format("{} refuses nixpkgs.overlays: the overlay belongs where the pkgs of {} is "
                                             "made: {}",
                                             use.framework->name, printable(host), into.where)});
    Paste paste{file, line, package_module(work, host), "add it to the imports of its configuration"};
    if (bee.set != kNone) {
        std::vector<std::string> path = bee.before;
        path.emplace_back("imports");
        paste = into_list(work, *bee.tree, bee.set, path, package_module(work, host));
    }
    work.instructions.push_back(
        {paste.file, paste.line, paste.text, fmt::format("the package of {}: {}", printable(host), paste.where)});
    return true;
}

}  // namespace

NodeId nixos_system_arguments(const Tree& tree) {
    for (NodeId id = 0; id < tree.size(); ++id)
        if (tree.is(id, Kind::apply) && tree.text(tree.child(id, 0)).ends_with("nixosSystem"))
            return set_of(tree, tree.child(id, 1));
    return kNone;
}

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
                    fmt::format("{} = [ {} ];", join(rest, "."), element),
                    n == 0 ? "into the set that begins there"
                           : fmt::format("into the set {} that begins there", join(front, "."))};
        }
    }
}

Paste into_overlays(Work& work, const Tree& tree, NodeId value, const std::string& element) {
    const auto call = nixsyntax::call_parts(tree, nixsyntax::result_of(tree, nixsyntax::follow(tree, value)));
    const NodeId set = call.size() < 2 ? kNone : set_of(tree, call.back());
    return set == kNone || !tree.is(set, Kind::set) ? Paste{} : into_list(work, tree, set, {"overlays"}, element);
}

bool explain_in_framework(Work& work, const Outline& outline, const std::string& host) {
    const FrameworkUse use = find_framework(work.sources, outline);
    if (use.framework == nullptr || use.framework->name == "flake-parts" || use.framework->name == "haumea")
        return false;
    const std::string because = fmt::format("{} makes its hosts", use.framework->name);
    if (use.framework->inputs == InputsAs::nobody) return explain_own_pkgs(work, use, host);
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
