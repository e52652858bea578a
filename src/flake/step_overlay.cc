// SPDX-License-Identifier: MIT
// Step 2 of the guide: the overlay, bound beside the owner's other overlays, in every host's list.
//
// The binding is a function of the host's name, because the plan is the host's own. Where a host stands in the text the
// name is written; in a function that makes many hosts it is the variable that holds the attribute's name, or, where
// every host says so itself, config.networking.hostName.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/overlay_file.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;
using nixsyntax::Scope;

constexpr std::array<std::string_view, 3> kBindings{"overlay-llama-cpp", "overlay-llama-fleet",
                                                    "overlay-of-llama-fleet"};
constexpr std::string_view kForeignPkgs = "specialArgs has pkgs";

/// Where the overlay of one site goes.
struct Place {
    std::size_t site = kNoSite;
    NodeId list = kNone;     ///< the overlays list to be extended, or kNone:
    NodeId modules = kNone;  ///< the modules list that gets a new module
    std::string host;        ///< the expression that names the host, in that place
    bool config = false;     ///< `host` needs the module's config
};

class Registrar {
  public:
    Registrar(Work& work, const Outline& outline)
        : work_(work), outline_(outline), tree_(*outline.tree), reach_(work.sources, outline) {}

    Done run();

  private:
    bool registered(std::size_t host) const {
        const auto& files = reach_.files(host);
        return std::any_of(files.begin(), files.end(), [&](const Reached& r) { return r.path == work_.overlay; });
    }
    bool is_planned(std::size_t host) const { return work_.hosts.contains(outline_.hosts[host].name); }
    bool has_plan(std::size_t host) const {
        return is_planned(host) || work_.sources.exists("llama-fleet/plan/" + outline_.hosts[host].name + ".json");
    }
    Done place_of(std::size_t site);
    std::optional<std::string> site_refused(const Site& site) const;
    NodeId overlays_list(const Site& site, const std::string& needs, NodeId definer) const;
    NodeId name_variable(const Site& site) const;
    bool says_its_name(std::size_t host) const;
    bool has_llama(std::size_t host) const;
    bool sees(NodeId place, std::string_view name, NodeId definer) const {
        return nixsyntax::resolve(tree_, place, name).definer == definer;
    }
    std::string existing_function() const;
    NodeId let_for_binding() const;
    std::string free_name(NodeId let) const;
    Block import_block(NodeId place, std::string_view head, std::string_view plan, std::string_view tail) const;
    std::string inputs_text(NodeId place) const;
    Block binding_block(NodeId place) const;
    void bind(NodeId let, nixsyntax::EditSet& edits) const;
    void bind_in_new_let(nixsyntax::EditSet& edits) const;
    void put(const Place& place, const Block& element, nixsyntax::EditSet& edits) const;
    std::string plan_text(const Place& place) const;

    Work& work_;
    const Outline& outline_;
    const Tree& tree_;
    Reach reach_;
    std::vector<Place> places_;
    std::string binding_;  ///< the name to be bound
};

/// Why nixpkgs.overlays of this site would be ignored or cannot be reached; nullopt = it can be edited.
std::optional<std::string> Registrar::site_refused(const Site& site) const {
    for (const auto& found : nixsyntax::find_bindings(tree_, site.arguments, "specialArgs")) {
        const NodeId value =
            found.value == kNone ? kNone : nixsyntax::result_of(tree_, nixsyntax::follow(tree_, found.value));
        if (tree_.is(value, Kind::set) && !nixsyntax::find_bindings(tree_, value, "pkgs").empty())
            return std::string(kForeignPkgs);
    }
    if (module_lists(outline_, site).empty()) return "its modules are no list that stands in flake.nix";
    return std::nullopt;
}

/// The lambda variable that holds every host's attribute name, or kNone.
NodeId Registrar::name_variable(const Site& site) const {
    const auto& first = outline_.hosts[site.hosts.front()];
    for (const auto& [definer, text] : first.bound.texts) {
        const bool all = std::all_of(site.hosts.begin(), site.hosts.end(), [&, d = definer](std::size_t host) {
            const auto& texts = outline_.hosts[host].bound.texts;
            const auto it = texts.find(d);
            return it != texts.end() && it->second == outline_.hosts[host].name;
        });
        if (all) return definer;
    }
    return kNone;
}

bool Registrar::says_its_name(std::size_t host) const {
    for (const Reached& reached : reach_.files(host)) {
        const Tree* tree = reached.home ? nullptr : work_.sources.tree_or_null(reached.path);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id)
            if (tree->is(id, Kind::binding) && full_path(*tree, id).size() >= 2 &&
                ends_with(full_path(*tree, id), {"networking", "hostName"}))
                return text_of(*tree, nixsyntax::binding_value(*tree, id)) == outline_.hosts[host].name;
    }
    return false;
}

/// Is llama.cpp among the packages of this host, as far as its files tell?
bool Registrar::has_llama(std::size_t host) const {
    for (const Reached& reached : reach_.files(host)) {
        if (work_.sources.text(reached.path).value_or("").find("llama-cpp") == std::string::npos) continue;
        const Tree* tree = work_.sources.tree_or_null(reached.path);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id)
            if (tree->is(tree->parent(id), Kind::list) && is_llama_package(*tree, id)) return true;
    }
    return false;
}

/// The literal list of `nixpkgs.overlays` in an inline module that sees what we need there.
NodeId Registrar::overlays_list(const Site& site, const std::string& needs, NodeId definer) const {
    for (const NodeId list : module_lists(outline_, site))
        for (const NodeId module : tree_.children(list)) {
            const NodeId set = module_set(tree_, module);
            if (set == kNone) continue;
            for (const auto& found : nixsyntax::find_bindings(tree_, set, "nixpkgs.overlays")) {
                if (found.match != Match::exact || found.value == kNone) continue;
                const auto literals = nixsyntax::list_literals(tree_, found.value);
                if (!literals.empty() && (needs.empty() || sees(literals.back(), needs, definer)))
                    return literals.back();
            }
        }
    return kNone;
}

Done Registrar::place_of(std::size_t index) {
    const Site& site = outline_.sites[index];
    Place place;
    place.site = index;
    std::string why = site_refused(site).value_or("");
    const bool shared = site.shared || site.hosts.size() > 1;
    NodeId variable = kNone;
    for (const std::size_t host : site.hosts)
        if (why.empty() && !has_plan(host) && has_llama(host))
            why = fmt::format("the function that makes it makes {} too, which has llama.cpp but no plan",
                              printable(outline_.hosts[host].name));
    if (why.empty() && shared) {
        variable = name_variable(site);
        if (variable != kNone) {
            const NodeId name = tree_.is(variable, Kind::formal) ? tree_.child(variable, 0) : variable;
            place.host = std::string(tree_.text(name));
        } else if (site.hosts.size() == 1) {
            place.host = nix_string(outline_.hosts[site.hosts.front()].name);
        } else if (std::all_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t h) { return says_its_name(h); })) {
            place.host = "config.networking.hostName";
            place.config = true;
        } else {
            why =
                "the function that makes it does not know its name, and not every host sets networking.hostName to it";
        }
    } else if (why.empty()) {
        place.host = nix_string(outline_.hosts[site.hosts.front()].name);
    }
    if (why.empty() && !place.config) {
        const std::string needs = variable == kNone ? "" : place.host;
        place.list = overlays_list(site, needs, variable);
    }
    const auto lists = module_lists(outline_, site);
    if (why.empty()) {
        place.modules = lists.back();
        if (variable != kNone && !sees(place.modules, place.host, variable))
            why = "the variable that holds its name is hidden where its modules stand";
    }
    if (!why.empty()) {
        for (const std::size_t host : site.hosts) {
            if (!is_planned(host)) continue;
            if (why == kForeignPkgs) {
                const NodeId made = nixsyntax::resolve(tree_, site.arguments, "pkgs").definer;
                explain_foreign_pkgs(work_, outline_, outline_.hosts[host].name, made == kNone ? site.arguments : made);
                continue;
            }
            explain_by_hand(work_, outline_, outline_.hosts[host].name, why);
        }
        return {};
    }
    places_.push_back(place);
    return {};
}

/// `overlay-llama-cpp = host: import ./…/llama-cpp.nix …;` from an earlier fit: its name, or "".
std::string Registrar::existing_function() const {
    for (NodeId id = 0; id < tree_.size(); ++id) {
        if (!tree_.is(id, Kind::binding) || !tree_.is(tree_.parent(id), Kind::let)) continue;
        const auto lambda = nixsyntax::lambda_parts(tree_, nixsyntax::binding_value(tree_, id));
        if (lambda.body == kNone || lambda.formals != kNone) continue;
        bool ours = false;
        walk(tree_, lambda.body, [&](NodeId node) {
            if (tree_.is(node, Kind::path))
                ours = ours || work_.sources.nix_file("flake.nix", text_of(tree_, node).value_or("/")) == work_.overlay;
            return true;
        });
        const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, id));
        if (ours && names && names->size() == 1) return names->front();
    }
    return {};
}

bool looks_like_an_overlay(const Tree& tree, NodeId binding) {
    const auto names = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, binding));
    if (names && names->front().find("overlay") != std::string::npos) return true;
    const auto outer = nixsyntax::lambda_parts(tree, nixsyntax::binding_value(tree, binding));
    if (outer.body == kNone || outer.formals != kNone) return false;
    const auto inner = nixsyntax::lambda_parts(tree, outer.body);
    const std::string_view last = inner.argument == kNone ? std::string_view() : tree.text(inner.argument);
    return inner.formals == kNone && (last == "prev" || last == "super");
}

/// The let that every place sees: the one with the owner's other overlays, else the outermost; kNone = there is none.
NodeId Registrar::let_for_binding() const {
    std::vector<NodeId> common;
    for (const Place& place : places_) {
        std::vector<NodeId> around;
        for (NodeId at = place.modules; at != kNone && at != outline_.outputs; at = tree_.parent(at))
            if (tree_.is(at, Kind::let)) around.push_back(at);
        if (&place == &places_.front()) common = around;
        std::erase_if(common, [&](NodeId let) { return std::find(around.begin(), around.end(), let) == around.end(); });
    }
    for (const NodeId let : common) {
        const auto all = nixsyntax::entries(tree_, let);
        if (std::any_of(all.begin(), all.end(), [&](NodeId entry) {
                return tree_.is(entry, Kind::binding) && looks_like_an_overlay(tree_, entry);
            }))
            return let;
    }
    return common.empty() ? kNone : common.back();
}

/// A name that nothing hides and that hides nothing; "" = all are taken.
std::string Registrar::free_name(NodeId let) const {
    const auto hidden = [&](const Place& place, std::string_view name) {
        const Scope scope = nixsyntax::resolve(tree_, place.modules, name).scope;
        const Scope in_list = place.list == kNone ? Scope::none : nixsyntax::resolve(tree_, place.list, name).scope;
        return (scope != Scope::none && scope != Scope::with) || (in_list != Scope::none && in_list != Scope::with);
    };
    for (const std::string_view name : kBindings) {
        const bool bound = let != kNone && !nixsyntax::find_bindings(tree_, let, name).empty();
        if (!bound && std::none_of(places_.begin(), places_.end(), [&](const Place& p) { return hidden(p, name); }))
            return std::string(name);
    }
    return {};
}

/// The lines that give the overlay its inputs, as they can be said at `place`.
std::string Registrar::inputs_text(NodeId place) const {
    const bool by_argument =
        !outline_.argument.empty() && nixsyntax::resolve(tree_, place, outline_.argument).owner == outline_.outputs;
    const bool own_name = work_.input != "llama-cpp";
    if (!by_argument) {
        return own_name ? fmt::format("inputs.llama-cpp = {};", work_.input)
                        : "inputs = " + bracketed(tree_, '{', "inherit llama-cpp;", '}') + ";";
    }
    if (own_name) return fmt::format("inputs.llama-cpp = {}.{};", outline_.argument, work_.input);
    return outline_.argument == "inputs" ? "inherit inputs;" : fmt::format("inputs = {};", outline_.argument);
}

/// head + `import ./overlays/llama-cpp.nix { inherit inputs; plan = …; }` + tail
Block Registrar::import_block(NodeId place, std::string_view head, std::string_view plan, std::string_view tail) const {
    const std::string inputs = inputs_text(place);
    const std::string start = fmt::format("{}import {} ", head, path_literal("flake.nix", work_.overlay));
    Block block;
    block.one_line =
        fmt::format("{}{}{}", start, bracketed(tree_, '{', fmt::format("{} plan = {};", inputs, plan), '}'), tail);
    block.lines = {{0, start + "{"}, {1, inputs}, {1, fmt::format("plan = {};", plan)}, {0, fmt::format("}}{}", tail)}};
    return block;
}

std::string Registrar::plan_text(const Place& place) const {
    if (place.host.starts_with('"'))
        return "./llama-fleet/plan/" + outline_.hosts[outline_.sites[place.site].hosts.front()].name + ".json";
    return fmt::format("./llama-fleet/plan + \"/${{{}}}.json\"", place.host);
}

/// nixfmt puts a function that does not fit on one line below its name, other formatters do not.
bool is_formatted_by_nixfmt(const Tree& tree) {
    for (NodeId id = 0; id < tree.size(); ++id)
        if (tree.is(id, Kind::binding) && tree.is(nixsyntax::binding_value(tree, id), Kind::lambda) &&
            nixsyntax::starts_line(tree, nixsyntax::binding_value(tree, id)) && !is_tight(tree))
            return true;
    return false;
}

/// `overlay-llama-cpp = host: import … { … };`, broken as its owner's formatter would.
Block Registrar::binding_block(NodeId place) const {
    const Block call = import_block(place, "", "./llama-fleet/plan + \"/${host}.json\"", ";");
    Block block;
    block.compact = false;
    block.one_line = fmt::format("{} = host: {}", binding_, call.one_line);
    if (is_formatted_by_nixfmt(tree_)) block.lines = {{0, fmt::format("{} =", binding_)}, {1, "host:"}};
    else block.lines = {{0, fmt::format("{} = host:", binding_)}};
    for (const auto& [depth, text] : call.lines) block.lines.emplace_back(depth + 1, text);
    return block;
}

void Registrar::bind(NodeId let, nixsyntax::EditSet& edits) const {
    const auto all = nixsyntax::entries(tree_, let);
    NodeId behind = kNone;
    for (const NodeId entry : all)
        if (tree_.is(entry, Kind::binding) && looks_like_an_overlay(tree_, entry)) behind = entry;
    const Block block = binding_block(let);
    const auto style = nixsyntax::item_style(tree_, let);
    if (behind != kNone && !style.one_line) return insert_behind(tree_, behind, block, edits);
    append_item(tree_, let, block, edits, style.blank_lines ? Gap::empty_line : Gap::none);
}

void Registrar::bind_in_new_let(nixsyntax::EditSet& edits) const {
    const auto style = nixsyntax::file_style(tree_);
    const std::uint32_t at = tree_.span(outline_.body).begin;
    const std::string outer(nixsyntax::line_indent(tree_, at));
    const std::string inner = outer + style.indent_unit;
    const Block block = binding_block(outline_.body);
    const bool own_line = nixsyntax::starts_line(tree_, outline_.body);
    edits.insert(at, "let" + style.newline + inner + laid_out(tree_, block, inner) + style.newline + outer + "in" +
                         (own_line ? style.newline + outer : " "));
}

void Registrar::put(const Place& place, const Block& element, nixsyntax::EditSet& edits) const {
    // A list inside a module that stands on one line is not torn open: a module of our own is the smaller change.
    const bool on_modules_line = place.list != kNone && !nixsyntax::starts_line(tree_, tree_.parent(place.list)) &&
                                 nixsyntax::on_one_line(tree_, place.list);
    if (place.list != kNone && (!on_modules_line || fits_on_line(tree_, place.list, element)))
        return append_item(tree_, place.list, element, edits);
    const std::string head = place.config ? bracketed(tree_, '{', "config, ...", '}') + ": " : "";
    const std::string open = place.config ? "(" + head : "";
    const std::string close = place.config ? ")" : "";
    Block block;
    const std::string list = element.one_line.empty() ? "" : bracketed(tree_, '[', element.one_line, ']');
    if (!list.empty())
        block.one_line = open + bracketed(tree_, '{', fmt::format("nixpkgs.overlays = {};", list), '}') + close;
    if (element.lines.size() == 1) {
        block.lines = {{0, open + "{"}, {1, fmt::format("nixpkgs.overlays = {};", list)}, {0, "}" + close}};
    } else {
        block.lines = {{0, open + "{"}, {1, "nixpkgs.overlays = ["}};
        for (const auto& [depth, text] : element.lines) block.lines.emplace_back(depth + 2, text);
        block.lines.insert(block.lines.end(), {{1, "];"}, {0, "}" + close}});
    }
    append_item(tree_, place.modules, block, edits);
}

Done Registrar::run() {
    for (const std::string& name : work_.hosts)
        for (const OutlineHost& host : outline_.hosts)
            if (host.name == name && !host.cannot.empty()) explain_by_hand(work_, outline_, name, host.cannot);
    for (std::size_t site = 0; site < outline_.sites.size(); ++site) {
        const auto& hosts = outline_.sites[site].hosts;
        const bool wanted = std::any_of(hosts.begin(), hosts.end(), [&](std::size_t host) {
            return is_planned(host) && outline_.hosts[host].cannot.empty() && !registered(host);
        });
        if (wanted) LF_TRY(place_of(site));
    }
    if (places_.empty()) return {};
    nixsyntax::EditSet edits;
    std::string function = existing_function();
    const NodeId let = let_for_binding();
    const bool new_let = let == kNone && places_.size() > 1;
    binding_ = free_name(let);
    if (function.empty() && !binding_.empty() && (let != kNone || new_let)) {
        if (new_let) bind_in_new_let(edits);
        else bind(let, edits);
        function = binding_;
    }
    for (const Place& place : places_) {
        const NodeId at = place.list != kNone ? place.list : place.modules;
        Block element = function.empty() ? import_block(at, "(", plan_text(place), ")")
                                         : Block{fmt::format("({} {})", function, place.host), {}, true};
        if (element.lines.empty()) element.lines = {{0, element.one_line}};
        put(place, element, edits);
    }
    return work_.sources.edit("flake.nix", edits);
}

}  // namespace

Done register_overlay(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    return Registrar(work, outline).run();
}

}  // namespace lf::flake
