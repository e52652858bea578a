// SPDX-License-Identifier: MIT
// Step 3 of the guide: each host's package in its list. A file that belongs to one host names the variant; a file of
// several says llama-cpp, which is this host's own. A plain name that stands there already is replaced in place,
// comments kept; an override or a package from elsewhere is the owner's choice and left to the owner.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "flake/always.h"
#include "flake/by_hand.h"
#include "flake/homes.h"
#include "flake/main_file.h"
#include "flake/names.h"
#include "flake/own_file.h"
#include "flake/step_packages_items.h"
#include "flake/steps.h"

namespace lf::flake {
namespace {

/// `sometimes`: a list of the system that does not hold in any case. What stands in it can be replaced, nothing added.
enum class ListKind : std::uint8_t { system, sometimes, home, user };

struct PackageList {
    std::string file;
    NodeId binding = kNone;
    NodeId value = kNone;
    ListKind kind = ListKind::system;
    std::vector<std::size_t> hosts;  ///< all that it serves
};

std::optional<ListKind> kind_of(const std::vector<std::string>& path) {
    if (path.size() < 2 || (path.back() != "systemPackages" && path.back() != "packages")) return std::nullopt;
    if (ends_with(path, {"environment", "systemPackages"})) return ListKind::system;
    if (ends_with(path, {"home", "packages"})) return ListKind::home;
    if (path.size() >= 4 && path[path.size() - 4] == "users" && path[path.size() - 3] == "users" &&
        path.back() == "packages")
        return ListKind::user;
    return std::nullopt;
}

class Packages {
  public:
    Packages(Work& work, const Outline& outline)
        : work_(work), outline_(outline), reach_(work.sources, outline), homes_(work, outline, reach_) {}
    Done run();

  private:
    void collect();
    bool always(const std::string& file, NodeId start, NodeId binding) const;
    void collect_in(const std::string& file, NodeId start, const std::vector<std::size_t>& hosts);
    bool serves_only(const PackageList& list, std::size_t host) const {
        return list.hosts.size() == 1 && list.hosts.front() == host;
    }
    bool wanted(std::size_t host) const {
        return work_.hosts.contains(outline_.hosts[host].name) && outline_.hosts[host].cannot.empty();
    }
    std::string wish(const PackageList& list) const;
    bool overlays_reach(const PackageList& list);
    bool plain_elsewhere(const PackageList& list);
    void replace(const PackageList& list, const std::vector<NodeId>& items);
    void own_choice(const std::string& file, NodeId item, const std::string& package, bool can_stay);
    bool take_over(const std::string& file, std::vector<NodeId> items, const std::vector<std::size_t>& hosts);
    std::vector<NodeId> items_of(const PackageList& list) {
        return llama_items(tree(list.file), list.value, work_.lost_names);
    }
    bool add_to_forced_list(std::size_t host);
    bool is_own_file(std::size_t host, const std::string& path) const;
    bool add_to_own_list(std::size_t host);
    bool add_of_its_own(std::size_t host) {
        if (!listed_.contains(host) && (add_to_forced_list(host) || add_to_own_list(host) || add_binding(host)))
            listed_.insert(host);
        return listed_.contains(host);
    }
    void serve(const Site& site);
    void without_place(std::size_t host);
    bool add_to_shared_list(std::size_t host);
    bool append(const PackageList& list);
    bool add_binding(std::size_t host);
    void add_module(const Site& site);
    void service_package(const std::string& file, const std::vector<std::size_t>& hosts);
    const Tree& tree(const std::string& file) { return *work_.sources.tree_or_null(file); }

    Work& work_;
    const Outline& outline_;
    Reach reach_;
    Homes homes_;
    std::vector<PackageList> lists_;
    std::map<std::string, nixsyntax::EditSet> edits_;
    std::set<std::pair<std::string, NodeId>> replaced_;
    std::set<std::size_t> listed_;  ///< hosts whose system has llama.cpp already
};

/// `start` is a module, or the set that a site is called with.
bool Packages::always(const std::string& file, NodeId start, NodeId binding) const {
    const Tree& t = *work_.sources.tree_or_null(file);
    const bool module = start == t.root();
    std::vector<std::string> option{"environment", "systemPackages"};
    if (!module) option.insert(option.begin(), "modules");
    return (!module || reach_.always(file)) && always_defines(t, start, binding, option);
}

void Packages::collect_in(const std::string& file, NodeId start, const std::vector<std::size_t>& hosts) {
    const Tree& t = tree(file);
    walk(t, start, [&](NodeId node) {
        if (!t.is(node, Kind::binding)) return true;
        auto kind = kind_of(full_path(t, node));
        if (kind == ListKind::system && !always(file, start, node)) kind = ListKind::sometimes;
        if (kind) lists_.push_back({file, node, nixsyntax::binding_value(t, node), *kind, hosts});
        return !kind;
    });
}

void Packages::collect() {
    std::set<std::string> seen;
    for (std::size_t host = 0; host < outline_.hosts.size(); ++host)
        for (const Reached& reached : reach_.files(host)) {
            if (!seen.insert(reached.path).second || reached.path == work_.overlay) continue;
            const auto& users = reach_.users(reached.path);
            if (const Tree* t = work_.sources.tree_or_null(reached.path))
                collect_in(reached.path, t->root(), {users.begin(), users.end()});
        }
    for (const Site& site : outline_.sites) collect_in(site.file(), site.arguments.id, site.hosts);
}

/// What the list should name: the variant of its one host, or llama-cpp, this host's own.
std::string Packages::wish(const PackageList& list) const {
    return list.hosts.size() == 1 ? work_.package(outline_.hosts[list.hosts.front()].name) : "llama-cpp";
}

bool Packages::overlays_reach(const PackageList& list) {
    if (list.kind != ListKind::home) return true;
    return std::all_of(list.hosts.begin(), list.hosts.end(), [&](std::size_t host) {
        return homes_.global(host) == GlobalPackages::yes || homes_.has_overlay(host);
    });
}

/// Does every host of the list have a plain llama.cpp in another one?
bool Packages::plain_elsewhere(const PackageList& list) {
    return std::all_of(list.hosts.begin(), list.hosts.end(), [&](std::size_t host) {
        return std::any_of(lists_.begin(), lists_.end(), [&](const PackageList& other) {
            if (std::find(other.hosts.begin(), other.hosts.end(), host) == other.hosts.end()) return false;
            const auto items = items_of(other);
            return overlays_reach(other) && std::any_of(items.begin(), items.end(), [&](NodeId item) {
                       return plain_name(tree(other.file), item) != kNone;
                   });
        });
    });
}

void Packages::own_choice(const std::string& file, NodeId item, const std::string& package, bool can_stay) {
    const Tree& t = tree(file);
    const std::uint32_t at = t.at({}, item).where.line;
    if (allowed_at(lines(t.text()), at).contains("second-instance")) return;
    std::string text = in_its_place(t, item, package);
    std::string why = why_own_choice(t, item, package);
    // An override of pkgs.llama-cpp would be one of the official package, and may not fit it.
    if (can_stay && text.find(".override") == std::string::npos) why += "; or keep it and put the plan's beside it";
    work_.by_hand(t, item, std::move(text), std::move(why));
}

/// The package of the plan in the place of one that no overlay reaches, or of an override that only names the backend
/// of the plan. All items are such, for all hosts; else nothing is done.
bool Packages::take_over(const std::string& file, std::vector<NodeId> items, const std::vector<std::size_t>& hosts) {
    const Tree& t = tree(file);
    const auto text = lines(t.text());
    std::erase_if(items,
                  [&](NodeId item) { return allowed_at(text, t.at({}, item).where.line).contains("second-instance"); });
    if (items.size() != 1) return false;
    const NodeId item = items.front();
    const bool all = std::all_of(hosts.begin(), hosts.end(), [&](std::size_t host) {
        return wanted(host) && can_become(t, item, work_.package(outline_.hosts[host].name));
    });
    const std::string name =
        name_at(t, item, hosts.size() == 1 ? work_.package(outline_.hosts[hosts.front()].name) : "llama-cpp");
    if (!all || name.empty()) return false;
    if (!replaced_.insert({file, item}).second) return true;
    edits_[file].replace(t.span(item), name);
    work_.note(
        fmt::format("{}:{}: {} instead of {}, which is of nixpkgs and not for the plan; the comment "
                    "# llama-fleet: allow second-instance keeps it",
                    file, work_.sources.original_line(file, t.span(item).begin), name, shown_item(t, item)));
    return true;
}

/// The plain item that is the wanted one, or else says llama-cpp, or else the first is this host's; the rest is noted.
void Packages::replace(const PackageList& list, const std::vector<NodeId>& items) {
    const Tree& t = tree(list.file);
    const std::string package = wish(list);
    const NodeId chosen = chosen_item(t, items, package);
    if (chosen == kNone)
        for (const NodeId item : items)
            if (is_fitting_override(t, item, package)) return;
    if (chosen == kNone && !plain_elsewhere(list) && take_over(list.file, items, list.hosts)) return;
    if (chosen == kNone && std::any_of(items.begin(), items.end(), [&](NodeId i) { return can_stay(t, i, package); }))
        return;  // said with all overrides
    if (chosen == kNone && !plain_elsewhere(list)) return own_choice(list.file, items.front(), package, true);
    for (const NodeId item : items) {
        if (item == chosen) continue;
        const std::uint32_t line = work_.sources.original_line(list.file, t.span(item).begin);
        const std::string what = plain_name(t, item) == kNone
                                     ? why_own_choice(t, item, package)
                                     : fmt::format("{} stands beside {}", shown_item(t, item), package);
        work_.note(fmt::format("{}:{}: left as it is: {}", list.file, line, what));
    }
    if (chosen == kNone) return;
    const NodeId name = plain_name(t, chosen);
    // A name of a let may be in several lists.
    if (t.text(name) != package && replaced_.insert({list.file, name}).second)
        edits_[list.file].replace(t.span(name), package);
}

bool Packages::append(const PackageList& list) {
    const Tree& t = tree(list.file);
    const auto literals = option_literals(t, list.value);
    const std::string text = literals.empty() ? "" : name_at(t, literals.front(), wish(list));
    if (text.empty()) return false;
    append_item(t, literals.front(), Block{text, {{0, text}}, true}, edits_[list.file], Gap::none);
    return true;
}

/// A host that has files of its name has its packages there, and not in a file that it happens to be alone to use.
bool Packages::is_own_file(std::size_t host, const std::string& path) const {
    if (is_hardware_file(path)) return false;
    const std::string& name = outline_.hosts[host].name;
    const auto& files = reach_.files(host);
    return is_named_for(path, name) || std::none_of(files.begin(), files.end(), [&](const Reached& reached) {
               return !reached.home && reach_.users(reached.path).size() == 1 && is_named_for(reached.path, name);
           });
}

/// A list that stands where the host is made, or in its main file; else one that is of packages in general, for what
/// goes with one service may go with it, too.
bool Packages::add_to_own_list(std::size_t host) {
    const std::string main = main_file(work_, outline_, reach_, host);
    const std::string& site = outline_.sites[outline_.hosts[host].site].file();
    const auto add = [&](bool general) {
        return std::any_of(lists_.begin(), lists_.end(), [&](const PackageList& list) {
            const bool central = list.file == site || list.file == main;
            const bool own =
                general ? is_own_file(host, list.file) && is_general_list(tree(list.file), list.value) : central;
            return list.kind == ListKind::system && serves_only(list, host) && own && append(list);
        });
    };
    return add(false) || add(true);
}

/// A list of several hosts, none of which has llama.cpp elsewhere: it says llama-cpp, each host's own.
bool Packages::add_to_shared_list(std::size_t host) {
    for (const PackageList& list : lists_) {
        const auto& hosts = list.hosts;
        const bool all =
            std::all_of(hosts.begin(), hosts.end(), [&](std::size_t h) { return wanted(h) && !listed_.contains(h); });
        const bool ours = std::find(hosts.begin(), hosts.end(), host) != hosts.end();
        if (list.kind != ListKind::system || hosts.size() < 2 || !all || !ours || !append(list)) continue;
        listed_.insert(hosts.begin(), hosts.end());
        return true;
    }
    return false;
}

/// A forced list discards all others, so that the package has to stand in it.
bool Packages::add_to_forced_list(std::size_t host) {
    for (const PackageList& list : lists_) {
        const auto& hosts = list.hosts;
        const bool ours = std::find(hosts.begin(), hosts.end(), host) != hosts.end();
        if (list.kind != ListKind::system || !ours || !is_forced(tree(list.file), list.value)) continue;
        const bool all =
            std::all_of(hosts.begin(), hosts.end(), [&](std::size_t h) { return wanted(h) && !listed_.contains(h); });
        if (!all || !append(list)) explain_forced_list(work_, tree(list.file), list.value, wish(list));
        listed_.insert(hosts.begin(), hosts.end());
        return true;
    }
    return false;
}

/// A machine file without a list gets one.
bool Packages::add_binding(std::size_t host) {
    const std::string file = main_file(work_, outline_, reach_, host);
    if (file.empty() || edits_.contains(file)) return false;
    nixsyntax::EditSet edits;
    if (!add_package_list(tree(file), work_.package(outline_.hosts[host].name), edits)) return false;
    edits_[file] = std::move(edits);
    return true;
}

void Packages::add_module(const Site& site) {
    const Tree& t = site.tree();
    listed_.insert(site.hosts.begin(), site.hosts.end());
    if (!modules_end(site)) return;  // explained by register_overlay
    const std::string package =
        site.hosts.size() == 1 ? work_.package(outline_.hosts[site.hosts.front()].name) : "llama-cpp";
    const std::string binding =
        fmt::format("environment.systemPackages = {};", bracketed(t, '[', "pkgs." + package, ']'));
    const std::string head = "(" + bracketed(t, '{', "pkgs, ...", '}') + ": ";
    add_to_modules(
        site, Block{head + bracketed(t, '{', binding, '}') + ")", {{0, head + "{"}, {1, binding}, {0, "})"}}, true},
        edits_[site.file()]);
}

/// A module in the function that makes several hosts would give it to those twice that have it.
void Packages::without_place(std::size_t host) {
    const OutlineHost& made = outline_.hosts[host];
    const std::string why =
        fmt::format("the package of {}, which is made together with hosts that have theirs", printable(made.name));
    const std::string module = package_module(work_, made.name);
    for (const Reached& reached : reach_.files(host)) {
        if (reached.home || !is_own_file(host, reached.path) || reach_.users(reached.path).size() != 1) continue;
        const Tree* t = work_.sources.tree_or_null(reached.path);
        const NodeId set = t == nullptr ? kNone : module_set(*t, t->root());
        if (set == kNone) continue;
        Paste paste = into_list(work_, *t, set, {"imports"}, module);
        return work_.instructions.push_back(
            {paste.file, paste.line, std::move(paste.text), fmt::format("{}: {}", why, paste.where)});
    }
    work_.by_hand(*made.at.tree, made.at.id, module, why + ": one more module of it");
}

/// Each host of a site in a place of its own, or in a list that several share, or all of them by one module.
void Packages::serve(const Site& site) {
    std::vector<std::size_t> needing;
    for (const std::size_t host : site.hosts)
        if (wanted(host) && !listed_.contains(host)) needing.push_back(host);
    if (needing.empty()) return;
    const auto edits = edits_;
    const auto listed = listed_;
    const std::size_t instructions = work_.instructions.size();
    const auto undo = [&] {
        edits_ = edits;
        listed_ = listed;
        work_.instructions.resize(instructions);
    };
    const auto by_sharing = [&](std::size_t host) {
        return listed_.contains(host) || add_to_shared_list(host) || add_of_its_own(host);
    };
    if (std::all_of(needing.begin(), needing.end(), [&](std::size_t host) { return add_of_its_own(host); })) return;
    undo();
    if (std::all_of(needing.begin(), needing.end(), by_sharing)) return;
    undo();
    if (needing.size() == site.hosts.size()) return add_module(site);
    for (const std::size_t host : needing)
        if (!by_sharing(host)) without_place(host);
}
/// services.llama-cpp.package: llama-cpp of pkgs is this host's own there; anything longer is the owner's choice.
void Packages::service_package(const std::string& file, const std::vector<std::size_t>& hosts) {
    const Tree& t = tree(file);
    walk(t, t.root(), [&](NodeId node) {
        if (!t.is(node, Kind::binding) || !ends_with(full_path(t, node), {"services", "llama-cpp", "package"}))
            return true;
        const NodeId value = nixsyntax::follow(t, nixsyntax::binding_value(t, node));
        if (!is_llama_package(t, value) || plain_name(t, value) != kNone) return false;
        const std::string package =
            hosts.size() == 1 ? work_.package(outline_.hosts[hosts.front()].name) : std::string("llama-cpp");
        if (!is_fitting_override(t, value, package) && !take_over(file, {value}, hosts) && !can_stay(t, value, package))
            own_choice(file, value, package, false);
        return false;
    });
}

Done Packages::run() {
    collect();
    for (const PackageList& list : lists_) {
        if (std::none_of(list.hosts.begin(), list.hosts.end(), [&](std::size_t h) { return wanted(h); })) continue;
        const auto items = items_of(list);
        if (items.empty()) continue;
        if (!overlays_reach(list)) continue;  // said by reach_homes
        if (list.kind == ListKind::system || list.kind == ListKind::sometimes)
            listed_.insert(list.hosts.begin(), list.hosts.end());
        replace(list, items);
    }
    std::set<std::string> seen;
    for (std::size_t host = 0; host < outline_.hosts.size(); ++host) {
        if (!wanted(host)) continue;
        for (const Reached& reached : reach_.files(host)) {
            const auto& users = reach_.users(reached.path);
            if (seen.insert(reached.path).second && work_.sources.tree_or_null(reached.path) != nullptr)
                service_package(reached.path, {users.begin(), users.end()});
        }
    }
    for (const Site& site : outline_.sites) serve(site);
    for (const auto& [file, edits] : edits_) LF_TRY(work_.sources.edit(file, edits));
    return {};
}

}  // namespace

Done choose_packages(Work& work) {
    LF_ASSIGN(const Outline outline, read_outline(work.sources));
    return Packages(work, outline).run();
}

}  // namespace lf::flake
