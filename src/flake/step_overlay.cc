// SPDX-License-Identifier: MIT
// Step 2 of the guide: the overlay, bound beside the owner's other overlays, in every host's list.
//
// The binding is a function of the host's name, because the plan is the host's own. Where a host stands in the text the
// name is written; in a function that makes many hosts it is the variable that holds the attribute's name, or, where
// every host says so itself, config.networking.hostName.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "flake/overlay_writer.h"
#include "flake/own_file.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;

constexpr std::string_view kForeignPkgs = "its pkgs is made elsewhere";

// What people call a host's name where all of a host is one set.
constexpr std::array kNameAttributes{"hostname", "hostName", "host", "name"};

struct NameVariable {
    NodeId definer = kNone;
    std::string name;
    std::string text;  ///< the expression: the name, or an attribute of it
};

class Registrar {
  public:
    Registrar(Work& work, const Outline& outline) : work_(work), outline_(outline), reach_(work.sources, outline) {}

    Done run();

  private:
    bool registered(std::size_t host) const {
        const auto& files = reach_.files(host);
        return std::any_of(files.begin(), files.end(), [&](const Reached& r) { return r.path == work_.overlay; });
    }
    bool is_planned(std::size_t host) const { return work_.hosts.contains(outline_.hosts[host].name); }
    bool has_plan(std::size_t host) const {
        return is_planned(host) || work_.sources.exists(plan_path(outline_.hosts[host].name));
    }
    void place_of(const Site& site);
    struct OwnPlace {
        std::optional<OverlayPlace> list;
        std::optional<OwnFile> file;
        explicit operator bool() const { return list || file; }
    };
    std::array<OwnPlace, 3> own_places(const Site& site, std::size_t host);
    bool in_own_places(const Site& site, const std::string& why);
    std::string why_not(const Site& site, OverlayPlace& place, NameVariable& variable) const;
    std::optional<std::string> site_refused(const Site& site) const;
    NodeId overlays_list(const Site& site, const std::string& needs, NodeId definer) const;
    NameVariable name_variable(const Site& site, NodeId place) const;
    NameVariable name_in_let(const Site& site, NodeId place) const;
    bool says_its_name(std::size_t host) const;
    bool has_llama(std::size_t host) const;
    void explain(const Site& site, const std::string& why) const;

    Work& work_;
    const Outline& outline_;
    Reach reach_;
    std::map<std::string, std::vector<OverlayPlace>> places_;  ///< by file
    std::map<std::size_t, OwnFile> files_;                     ///< by host
};

bool sees(const Tree& tree, NodeId place, std::string_view name, NodeId definer) {
    return nixsyntax::resolve(tree, place, name).definer == definer;
}

/// Why nixpkgs.overlays of this site would be ignored or cannot be reached; nullopt = it can be edited.
std::optional<std::string> Registrar::site_refused(const Site& site) const {
    const Tree& tree = site.tree();
    for (const auto& found : nixsyntax::find_bindings(tree, site.arguments.id, "specialArgs"))
        for (const std::size_t host : site.hosts) {
            Bound bound = outline_.hosts[host].bound;
            const Ref value{&tree, found.value == kNone ? found.name : found.value};
            const bool there = found.match == Match::exact && outline_.values->attribute(value, "pkgs", bound);
            const bool dotted = found.match == Match::deeper && full_path(tree, found.entry).back() == "pkgs";
            if (there || dotted) return std::string(kForeignPkgs);
        }
    if (makes_own_pkgs(tree, site.arguments.id)) return std::string(kForeignPkgs);
    std::set<std::string> seen;  // hosts share most of their files
    for (const std::size_t host : site.hosts)
        for (const Reached& reached : reach_.files(host)) {
            if (reached.home || !seen.insert(reached.path).second) continue;
            const Tree* file = work_.sources.tree_or_null(reached.path);
            if (file != nullptr && makes_own_pkgs(*file, file->root())) return std::string(kForeignPkgs);
        }
    if (!modules_end(site)) return fmt::format("its modules are no list that stands in {}", site.file());
    return std::nullopt;
}

/// A variable of a function that holds every host's attribute name, or has it as an attribute: `host.name`. It is seen
/// where the modules stand.
NameVariable Registrar::name_variable(const Site& site, NodeId place) const {
    const Tree& tree = site.tree();
    const auto holds = [&](Ref definer, const std::string& attribute) {
        return std::all_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t index) {
            const OutlineHost& host = outline_.hosts[index];
            if (attribute.empty()) {
                const auto it = host.bound.texts.find(definer);
                return it != host.bound.texts.end() && it->second == host.name;
            }
            const auto it = host.bound.values.find(definer);
            if (it == host.bound.values.end()) return false;
            Bound bound = host.bound;
            const Ref value = outline_.values->attribute(it->second, attribute, bound);
            return value && outline_.values->text_of(value, bound) == host.name;
        });
    };
    const Bound& bound = outline_.hosts[site.hosts.front()].bound;
    const auto seen = [&](Ref definer) {
        const bool formal = tree.is(definer.id, Kind::formal);
        if (definer.tree != &tree || (!formal && !tree.is(definer.id, Kind::name))) return std::string();
        std::string name(tree.text(formal ? tree.child(definer.id, 0) : definer.id));
        return sees(tree, place, name, definer.id) ? name : std::string();
    };
    for (const auto& [definer, text] : bound.texts)
        if (std::string name = seen(definer); !name.empty() && holds(definer, "")) return {definer.id, name, name};
    for (const auto& [definer, value] : bound.values)
        if (std::string name = seen(definer); !name.empty())
            for (const char* attribute : kNameAttributes)
                if (holds(definer, attribute)) return {definer.id, name, name + "." + attribute};
    return name_in_let(site, place);
}

/// `let name = removeSuffix ".nix" file; in`, in a function that makes the hosts.
NameVariable Registrar::name_in_let(const Site& site, NodeId place) const {
    const Tree& tree = site.tree();
    for (NodeId let = tree.parent(place); let != kNone; let = tree.parent(let)) {
        if (!tree.is(let, Kind::let)) continue;
        for (const NodeId entry : nixsyntax::entries(tree, let)) {
            if (!tree.is(entry, Kind::binding)) continue;
            const auto names = nixsyntax::attr_path(tree, nixsyntax::binding_path(tree, entry));
            if (!names || names->size() != 1 || !sees(tree, place, names->front(), entry)) continue;
            const Ref value{&tree, nixsyntax::binding_value(tree, entry)};
            if (std::all_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t host) {
                    return outline_.values->text_of(value, outline_.hosts[host].bound) == outline_.hosts[host].name;
                }))
                return {entry, names->front(), names->front()};
        }
    }
    return {};
}

bool Registrar::says_its_name(std::size_t host) const {
    for (const Reached& reached : reach_.files(host)) {
        const Tree* tree = reached.home ? nullptr : work_.sources.tree_or_null(reached.path);
        for (NodeId id = 0; tree != nullptr && id < tree->size(); ++id)
            if (tree->is(id, Kind::binding) && ends_with(full_path(*tree, id), {"networking", "hostName"}))
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
    const Tree& tree = site.tree();
    for (const NodeId list : module_lists(site))
        for (const NodeId module : tree.children(list)) {
            const NodeId set = module_set(tree, module);
            if (set == kNone) continue;
            for (const auto& found : nixsyntax::find_bindings(tree, set, "nixpkgs.overlays")) {
                if (found.match != Match::exact || found.value == kNone) continue;
                const auto literals = nixsyntax::list_literals(tree, found.value);
                if (!literals.empty() && (needs.empty() || sees(tree, literals.back(), needs, definer)))
                    return literals.back();
            }
        }
    return kNone;
}

/// Sets how the host is named there, and the variable that does it; says why the overlay cannot be put there.
std::string Registrar::why_not(const Site& site, OverlayPlace& place, NameVariable& variable) const {
    if (auto refused = site_refused(site)) return *refused;
    for (const std::size_t host : site.hosts)
        if (!has_plan(host) && has_llama(host))
            return fmt::format("the function that makes it makes {} too, which has llama.cpp but no plan",
                               printable(outline_.hosts[host].name));
    place.modules = modules_end(site).place(site);
    place.host = nix_string(outline_.hosts[site.hosts.front()].name);
    if (site.shared || site.hosts.size() > 1) variable = name_variable(site, place.modules);
    if (variable.definer != kNone) {
        place.host = variable.text;
    } else if (site.hosts.size() > 1) {
        if (!std::all_of(site.hosts.begin(), site.hosts.end(), [&](std::size_t h) { return says_its_name(h); }))
            return "the function that makes it does not know its name, and not every host sets "
                   "networking.hostName to it";
        place.host = "config.networking.hostName";
        place.config = true;
    }
    if (inputs_view(outline_, site, {&site.tree(), place.modules}, work_.input).kind == InputsView::Kind::none)
        return fmt::format("the inputs of the flake are not at hand where {} makes it", site.file());
    return {};
}

void Registrar::explain(const Site& site, const std::string& why) const {
    for (const std::size_t host : site.hosts) {
        if (!is_planned(host)) continue;
        if (why != kForeignPkgs) {
            explain_by_hand(work_, outline_, reach_, outline_.hosts[host].name, why);
            continue;
        }
        const NodeId made = nixsyntax::resolve(site.tree(), site.arguments.id, "pkgs").definer;
        explain_foreign_pkgs(work_, outline_, outline_.hosts[host].name,
                             made == kNone ? site.arguments : Ref{site.arguments.tree, made});
    }
}

void Registrar::place_of(const Site& site) {
    OverlayPlace place;
    place.site = &site;
    place.tree = &site.tree();
    NameVariable variable;
    if (const std::string why = why_not(site, place, variable); !why.empty())
        return in_own_places(site, why) ? void() : explain(site, why);
    if (!place.config) place.list = overlays_list(site, variable.name, variable.definer);
    places_[site.file()].push_back(place);
}

/// The places that are a host's own: a list of its call, its file, a list that its call could have.
std::array<Registrar::OwnPlace, 3> Registrar::own_places(const Site& site, std::size_t host) {
    const std::string& name = outline_.hosts[host].name;
    const auto place = [&](Ref at, const std::string& gets) -> OwnPlace {
        if (!at || inputs_view(outline_, site, at, work_.input).kind == InputsView::Kind::none) return {};
        return {OverlayPlace{&site, at.tree, kNone, at.id, nix_string(name), false, name, gets}, std::nullopt};
    };
    const NewList list = new_module_list(outline_, host);
    return {place(own_module_list(outline_, host), ""), OwnPlace{std::nullopt, own_file(work_, outline_, reach_, host)},
            place(list.set, list.name)};
}

/// Where the function cannot be edited for all, each host may have a place of its own; of one kind for all, if there
/// is one. All or none.
bool Registrar::in_own_places(const Site& site, const std::string& why) {
    if (why == kForeignPkgs) return false;
    std::map<std::size_t, std::array<OwnPlace, 3>> all;
    for (const std::size_t host : site.hosts)
        if (is_planned(host) && !registered(host)) all.emplace(host, own_places(site, host));
    const auto first = [](const std::array<OwnPlace, 3>& places) {
        return std::find_if(places.begin(), places.end(), [](const OwnPlace& place) { return bool(place); });
    };
    if (std::any_of(all.begin(), all.end(), [&](const auto& of) { return first(of.second) == of.second.end(); }))
        return false;
    std::size_t kind = 0;
    while (kind < 3 && !std::all_of(all.begin(), all.end(), [&](const auto& of) { return bool(of.second[kind]); }))
        ++kind;
    for (auto& [host, places] : all) {
        const OwnPlace& chosen = kind < 3 ? places[kind] : *first(places);
        if (chosen.list) places_[chosen.list->tree->file()].push_back(*chosen.list);
        else files_.emplace(host, *chosen.file);
    }
    return true;
}

Done Registrar::run() {
    for (const std::string& name : work_.hosts)
        for (const OutlineHost& host : outline_.hosts)
            if (host.name == name && !host.cannot.empty()) explain_by_hand(work_, outline_, reach_, name, host.cannot);
    for (std::size_t site = 0; site < outline_.sites.size(); ++site) {
        const auto& hosts = outline_.sites[site].hosts;
        const bool wanted = std::any_of(hosts.begin(), hosts.end(), [&](std::size_t host) {
            return is_planned(host) && outline_.hosts[host].cannot.empty() && !registered(host);
        });
        if (wanted) place_of(outline_.sites[site]);
    }
    std::map<std::string, nixsyntax::EditSet> edits;
    for (const auto& [file, places] : places_)
        OverlayWriter(work_, outline_, *places.front().tree, places).run(edits[file]);
    for (const auto& [host, file] : files_)
        register_in(work_, file, outline_.hosts[host].name, edits[file.tree->file()]);
    for (const auto& [file, set] : edits) LF_TRY(work_.sources.edit(file, set));
    return {};
}

}  // namespace

Done register_overlay(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    return Registrar(work, outline).run();
}

}  // namespace lf::flake
