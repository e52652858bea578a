// SPDX-License-Identifier: MIT
// Home Manager with a package set of its own: the system's overlays do not reach home.packages there, so that overlay
// is registered in it too. Where useGlobalPkgs is true nothing is to be done. Homes on their own (homeConfigurations)
// get one more module.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/homes.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;

bool is_unfree(const std::string& package) { return package == "llama-cpp-cuda" || package == "llama-cpp-multi"; }

/// An element of nixpkgs.overlays that is our overlay, and the set of the module that has it.
struct Registered {
    NodeId entry = kNone;
    NodeId element = kNone;
};

Registered find_registered(Work& work, const Site& site) {
    const Tree& tree = site.tree();
    for (const NodeId list : module_lists(site))
        for (const NodeId module : tree.children(list)) {
            const NodeId set = module_set(tree, module);
            if (set == kNone) continue;
            for (const auto& found : nixsyntax::find_bindings(tree, set, "nixpkgs.overlays")) {
                if (found.match != Match::exact || found.value == kNone) continue;
                for (const NodeId literal : nixsyntax::list_literals(tree, found.value))
                    for (const NodeId element : tree.children(literal))
                        if (names_overlay(work, tree, element)) return {found.entry, element};
            }
        }
    return {};
}

/// A node's lines without the indentation that all but the first have.
std::vector<std::pair<int, std::string>> lines_of(const Tree& tree, NodeId node, int depth) {
    const std::string_view base = nixsyntax::line_indent_of(tree, node);
    std::vector<std::pair<int, std::string>> out;
    for (std::string_view line : lines(tree.text(node))) {
        if (!out.empty() && line.starts_with(base)) line.remove_prefix(base.size());
        out.emplace_back(depth, std::string(line));
    }
    return out;
}

/// home-manager.sharedModules = [ { nixpkgs.overlays = [ ELEMENT ]; } ];
Block shared_modules(const Tree& tree, NodeId element, int depth) {
    constexpr std::string_view kName = "home-manager.sharedModules";
    Block block;
    const std::string text(tree.text(element));
    if (nixsyntax::on_one_line(tree, element)) {
        const std::string overlays =
            bracketed(tree, '{', fmt::format("nixpkgs.overlays = {};", bracketed(tree, '[', text, ']')), '}');
        block.one_line = fmt::format("{} = {};", kName, bracketed(tree, '[', overlays, ']'));
        block.lines = {{depth, fmt::format("{} = [", kName)}, {depth + 1, overlays}, {depth, "];"}};
        return block;
    }
    block.lines = {{depth, fmt::format("{} = [", kName)}, {depth + 1, "{"}, {depth + 2, "nixpkgs.overlays = ["}};
    for (auto& line : lines_of(tree, element, depth + 3)) block.lines.push_back(std::move(line));
    block.lines.insert(block.lines.end(), {{depth + 2, "];"}, {depth + 1, "}"}, {depth, "];"}});
    return block;
}

void insert_shared_modules(const Tree& tree, const Registered& at, nixsyntax::EditSet& edits) {
    const NodeId set = tree.parent(at.entry);
    if (nixsyntax::item_style(tree, set).one_line)
        return append_item(tree, set, shared_modules(tree, at.element, 0), edits);
    insert_behind(tree, at.entry, shared_modules(tree, at.element, 0), edits);
}

std::string overlay_text(const Work& work, const Outline& outline, const std::string& file, const std::string& host) {
    const std::string inputs = work.input == "llama-cpp" && outline.argument == "inputs"
                                   ? "inherit inputs;"
                                   : fmt::format("inputs.llama-cpp = {}{};",
                                                 outline.argument.empty() ? "" : outline.argument + ".", work.input);
    return fmt::format("(import {} {{ {} plan = {}; }})", path_literal(file, work.overlay), inputs,
                       path_literal(file, plan_path(host)));
}

/// The module that the owner pastes.
std::string home_module_text(const Work& work, const Outline& outline, const std::string& file, const std::string& host,
                             bool unfree) {
    std::string out =
        fmt::format("{{\n  nixpkgs.overlays = [\n    {}\n  ];\n", overlay_text(work, outline, file, host));
    if (unfree) out += indent(cuda_predicate_text(), "  ") + "\n";
    return out + "}";
}

class HomeStep {
  public:
    HomeStep(Work& work, const Outline& outline)
        : work_(work), outline_(outline), reach_(work.sources, outline), homes_(work, outline, reach_) {}
    Done run() {
        for (const Site& site : outline_.sites) with_system(site);
        const auto found = nixsyntax::find_bindings(*outline_.tree, result_set(), "homeConfigurations");
        for (const auto& binding : found) alone(binding);
        for (const auto& [file, edits] : edits_) LF_TRY(work_.sources.edit(file, edits));
        return {};
    }

  private:
    bool wanted(std::size_t host) const {
        return work_.hosts.contains(outline_.hosts[host].name) && outline_.hosts[host].cannot.empty();
    }
    NodeId result_set() const {
        if (outline_.outputs.tree != outline_.tree || outline_.body == kNone) return kNone;
        return nixsyntax::result_of(*outline_.tree, nixsyntax::follow(*outline_.tree, outline_.body));
    }
    void with_system(const Site& site);
    void alone(const nixsyntax::Found& found);
    void one_home(const std::string& name, NodeId value);
    std::set<std::string> files_of(NodeId node);
    std::string host_of(const std::string& home) const;

    Work& work_;
    const Outline& outline_;
    Reach reach_;
    Homes homes_;
    std::map<std::string, nixsyntax::EditSet> edits_;
};

void HomeStep::with_system(const Site& site) {
    std::vector<std::size_t> needing;
    for (const std::size_t host : site.hosts)
        if (wanted(host) && homes_.has_llama(host) && homes_.global(host) != GlobalPackages::yes &&
            !homes_.has_overlay(host))
            needing.push_back(host);
    if (needing.empty()) return;
    const Tree& tree = site.tree();
    const Registered at = find_registered(work_, site);
    const bool all_have_homes = std::all_of(site.hosts.begin(), site.hosts.end(),
                                            [&](std::size_t host) { return homes_.uses_home_manager(host); });
    const bool certain = std::all_of(needing.begin(), needing.end(), [&](std::size_t host) {
        return homes_.global(host) == GlobalPackages::no &&
               (!is_unfree(work_.package(outline_.hosts[host].name)) || homes_.allows_unfree(host));
    });
    const bool set_already =
        at.entry != kNone &&
        !nixsyntax::find_bindings(tree, tree.parent(at.entry), "home-manager.sharedModules").empty();
    if (at.element != kNone && certain && all_have_homes && !set_already)
        return insert_shared_modules(tree, at, edits_[site.file()]);
    for (const std::size_t host : needing) {
        const std::string& name = outline_.hosts[host].name;
        if (work_.done_by_hand.contains(name)) continue;
        const bool unfree = is_unfree(work_.package(name)) && !homes_.allows_unfree(host);
        const auto lists = module_lists(site);
        work_.by_hand(tree, lists.empty() ? site.arguments.id : lists.back(),
                      fmt::format("home-manager.sharedModules = [\n{}\n];",
                                  indent(home_module_text(work_, outline_, site.file(), name, unfree), "  ")),
                      fmt::format("in a module of {}: its home.packages has llama-cpp, and Home Manager has a package "
                                  "set of its own there{}; or set home-manager.useGlobalPkgs = true; the other edits "
                                  "follow then",
                                  printable(name), unfree ? ", in which CUDA must be allowed too" : ""));
    }
}

/// `ada@carbon` is carbon's; other names are a host's if they are its name.
std::string HomeStep::host_of(const std::string& home) const {
    const std::string tail = home.substr(home.find('@') == std::string::npos ? 0 : home.find('@') + 1);
    return work_.hosts.contains(tail) ? tail : "";
}

void HomeStep::alone(const nixsyntax::Found& found) {
    const Tree& tree = *outline_.tree;
    if (found.match == Match::deeper) {
        const NodeId path = nixsyntax::binding_path(tree, found.entry);
        if (const auto name = nixsyntax::attr_name(tree, tree.last_child(path)))
            one_home(*name, nixsyntax::binding_value(tree, found.entry));
    } else if (found.value != kNone) {
        for (const NodeId entry : nixsyntax::entries(tree, nixsyntax::result_of(tree, found.value)))
            if (tree.is(entry, Kind::binding))
                if (const auto name = nixsyntax::attr_name(tree, tree.child(nixsyntax::binding_path(tree, entry), 0)))
                    one_home(*name, nixsyntax::binding_value(tree, entry));
    }
}

/// The files of the repository that a node's paths lead to.
std::set<std::string> HomeStep::files_of(NodeId node) {
    constexpr std::size_t kMaxFiles = 1000;
    std::set<std::string> seen;
    std::vector<std::string> todo;
    const auto look_in = [&](const Tree& tree, NodeId start) {
        walk(tree, start, [&](NodeId at) {
            const auto text = tree.is(at, Kind::path) ? text_of(tree, at) : std::nullopt;
            const auto file = text ? work_.sources.nix_file(tree.file(), *text) : std::nullopt;
            if (file && seen.size() < kMaxFiles && seen.insert(*file).second) todo.push_back(*file);
            return true;
        });
    };
    look_in(*outline_.tree, node);
    while (!todo.empty()) {
        const std::string file = todo.back();
        todo.pop_back();
        if (const Tree* tree = work_.sources.tree_or_null(file)) look_in(*tree, tree->root());
    }
    return seen;
}

void HomeStep::one_home(const std::string& name, NodeId value) {
    const Tree& tree = *outline_.tree;
    const auto call = nixsyntax::call_parts(tree, nixsyntax::result_of(tree, value));
    if (call.size() < 2 || !tree.text(call.front()).ends_with("homeManagerConfiguration")) return;
    const auto files = files_of(call.back());
    const bool has_llama =
        lists_llama(tree, call.back()) || std::any_of(files.begin(), files.end(), [&](const std::string& file) {
            const Tree* other = work_.sources.tree_or_null(file);
            return other != nullptr && file != work_.overlay && lists_llama(*other, other->root());
        });
    if (!has_llama || names_overlay(work_, tree, call.back())) return;
    const std::string host = host_of(name);
    if (host.empty()) {
        work_.note(
            fmt::format("homeConfigurations.{} has llama-cpp; for which host is not told, so it keeps that of "
                        "its own package set",
                        printable(name)));
        return;
    }
    const NodeId modules = nixsyntax::find_value(tree, nixsyntax::strip_parens(tree, call.back()), "modules");
    const bool unfree =
        is_unfree(work_.package(host)) && tree.text(value).find("allowUnfree") == std::string_view::npos;
    work_.by_hand(
        tree, modules == kNone ? value : modules, home_module_text(work_, outline_, "flake.nix", host, unfree),
        fmt::format("one more module of homeConfigurations.{}, whose package set is its own{}; the other edits "
                    "follow then",
                    printable(name), unfree ? ", and in which CUDA must be allowed too" : ""));
}

}  // namespace

Done reach_homes(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    return HomeStep(work, outline).run();
}

}  // namespace lf::flake
