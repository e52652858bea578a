// SPDX-License-Identifier: MIT
// How hosts are made, and where the text stands that makes them. All of these end at one set literal, a Site:
//
//     carbon = nixpkgs.lib.nixosSystem { … };                       plain, or dotted nixosConfigurations.carbon
//     carbon = mkHost "carbon" [ … ];  with  mkHost = name: extra: nixosSystem { … };                     helper
//     nixosConfigurations = genAttrs [ "carbon" ] (name: nixosSystem { … });                           generated
//
// Each part may stand in another file of the repository (Values follows). The arguments of the functions in between are
// kept with the host (Bound), so that ./machines/${name}.nix can be read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "flake/outline.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;
using nixsyntax::TokenKind;

// Hosts of other kinds, which a function may make beside those of NixOS.
constexpr std::array<std::string_view, 3> kOtherHosts{"darwinConfigurations", "homeConfigurations",
                                                      "nixOnDroidConfigurations"};
// What no host can be, whoever makes it.
struct Plain {
    Kind kind;
    std::string_view what;
};
constexpr std::array kPlain{
    Plain{Kind::string, "a string"}, Plain{Kind::indented_string, "a string"}, Plain{Kind::url, "a string"},
    Plain{Kind::list, "a list"},     Plain{Kind::integer, "a number"},         Plain{Kind::floating, "a number"},
    Plain{Kind::path, "a path"},     Plain{Kind::search_path, "a path"},
};
// Members of a set that is what nixosSystem is given, and no set of hosts.
constexpr std::array<std::string_view, 2> kArguments{"modules", "system"};
constexpr int kMaxSets = 200;
constexpr std::size_t kMaxHosts = 4096;
constexpr std::size_t kMaxParts = 1000;

class HostFinder {
  public:
    explicit HostFinder(Outline& outline) : out_(outline), values_(*outline.values) {}

    void run(const Bound& bound) {
        outputs({out_.outputs.tree, out_.body}, bound, 0);
        leave_out_arguments();
        refuse_twice();
        refuse_shared_with_others();
    }

  private:
    /// The sets that the outputs are put together from: `{ } // { }`, and flake-parts' modules.
    void outputs(Ref at, Bound bound, int steps) {
        if (!at || steps > kMaxSets || ++outputs_seen_ > kMaxParts) return;
        const Ref value = values_.value_of(at, bound);
        const Tree& tree = *value.tree;
        if (tree.is(value.id, Kind::set)) return in_set(value, "", bound);
        if (tree.is(value.id, Kind::binary) && tree.op(value.id) == TokenKind::update) {
            outputs({&tree, tree.child(value.id, 0)}, bound, steps + 1);
            return outputs({&tree, tree.child(value.id, 1)}, bound, steps + 1);
        }
        const auto parts = nixsyntax::call_parts(tree, value.id);
        if (parts.size() != 3) return;
        const auto name = values_.origin({&tree, parts.front()}, bound);
        if (name.empty()) return;
        if (name.back() == "recursiveUpdate") {
            outputs({&tree, parts[1]}, bound, steps + 1);
            outputs({&tree, parts[2]}, bound, steps + 1);
        }
        if (name.back() == "mkFlake")
            part({&tree, parts[2]}, values_.attribute({&tree, parts[1]}, "inputs", bound), bound);
    }

    /// One module of flake-parts, and those that it imports.
    void part(Ref at, Ref inputs, Bound bound) {
        if (parts_.size() > kMaxParts) return;
        Ref value = values_.module_of(at, bound);
        if (!value || !parts_.insert(value).second) return;
        if (value.tree->is(value.id, Kind::lambda)) value = values_.value_of(enter_part(value, inputs, bound), bound);
        const Tree& tree = *value.tree;
        if (!tree.is(value.id, Kind::set)) return;
        values_.add_part(value);
        in_set(value, "flake.", bound);
        for (const Found& found : nixsyntax::find_bindings(tree, value.id, "flake")) {
            if (found.match != Match::exact) continue;
            const Ref flake{&tree, found.value == kNone ? found.name : found.value};
            Bound copy = bound;
            const Ref set = values_.value_of(flake, copy);
            // A set literal was looked at above.
            if (set.tree->is(set.id, Kind::lambda)) outputs(enter_part(set, inputs, copy), copy, 0);
            else if (nixsyntax::strip_parens(*flake.tree, flake.id) != set.id || flake.tree != set.tree)
                outputs(set, copy, 0);
        }
        for (const Found& found : nixsyntax::find_bindings(tree, value.id, "imports")) {
            std::vector<Element> imports;
            if (found.match == Match::exact) values_.elements({&tree, found.value}, bound, imports);
            for (const Element& element : imports) part(element.given.value, inputs, element.bound);
        }
    }

    /// What flake-parts gives its modules; the function's body.
    Ref enter_part(Ref lambda, Ref inputs, Bound& bound) {
        const Tree& tree = *lambda.tree;
        const auto parts = nixsyntax::lambda_parts(tree, lambda.id);
        if (const NodeId formal = nixsyntax::find_formal(tree, parts.formals, "inputs"); formal != kNone)
            bound.values[{&tree, formal}] = inputs;
        if (const NodeId formal = nixsyntax::find_formal(tree, parts.formals, "self"); formal != kNone)
            bound.origins[{&tree, formal}] = {"inputs", "self"};
        if (const NodeId formal = nixsyntax::find_formal(tree, parts.formals, "config"); formal != kNone)
            bound.origins[{&tree, formal}] = kConfigOfParts;
        return {&tree, parts.body};
    }

    void in_set(Ref set, const std::string& below, const Bound& bound) {
        for (const Found& found : nixsyntax::find_bindings(*set.tree, set.id, below + "nixosConfigurations"))
            found_hosts(*set.tree, found, bound);
        for (const std::string_view other : kOtherHosts)
            for (const Found& found : nixsyntax::find_bindings(*set.tree, set.id, below + std::string(other)))
                others(*set.tree, found, bound);
    }

    /// What hosts of another kind are made by: the set that is given to the last function that can be followed.
    void others(const Tree& tree, const Found& found, const Bound& bound) {
        std::vector<Member> members;
        const Ref value{&tree, found.value == kNone ? found.name : found.value};
        if (found.match == Match::deeper) members.push_back({"", value, {value, {}}, bound, false, {}});
        else if (!values_.members(value, bound, members)) unknown_others_ = true;
        for (Member& member : members) {
            const Ref made = values_.value_of(member.given.value, member.bound);
            const auto parts = made ? nixsyntax::call_parts(*made.tree, made.id) : std::vector<NodeId>{};
            if (parts.size() < 2) unknown_others_ = true;
            else others_.insert(values_.value_of({made.tree, parts[1]}, member.bound));
        }
    }

    void found_hosts(const Tree& tree, const Found& found, const Bound& bound) {
        out_.hosts_elsewhere = true;
        if (found.match == Match::exact)
            return host_set({&tree, found.value == kNone ? found.name : found.value}, bound);
        if (found.match != Match::deeper) return;
        const auto names = tree.children(nixsyntax::binding_path(tree, found.entry));
        const auto at = std::find(names.begin(), names.end(), found.name);
        if (at == names.end() || at + 1 == names.end()) return;
        const Ref name{&tree, *(at + 1)};
        auto known = nixsyntax::attr_name(tree, name.id);
        // nixosConfigurations.${hostname}, where a let binds it
        if (!known && tree.is(name.id, Kind::interpolation))
            known = values_.text_of({&tree, tree.child(name.id, 0)}, bound);
        Member member{known.value_or(std::string(tree.text(name.id))), name, {}, bound, false, {}};
        if (!known) member.cannot = "the text does not tell its name";
        else if (at + 2 == names.end()) member.given.value = {&tree, nixsyntax::binding_value(tree, found.entry)};
        else member.cannot = "its attributes are set one by one";
        host(std::move(member), Pattern::dotted);
    }

    void host_set(Ref set, const Bound& bound) {
        std::vector<Member> members;
        const bool all = values_.members(set, bound, members);
        if (members.empty()) return from_outputs(set, bound);
        // What is put into a generator reaches hosts that nobody sees, which have no plan.
        for (Member& member : members)
            if (!all && member.generated && member.cannot.empty())
                member.cannot = "the text does not tell all hosts that are generated there";
        for (Member& member : members) {
            const Pattern pattern = member.generated ? Pattern::generated : Pattern::plain;
            host(std::move(member), pattern);
        }
    }

    /// `inherit (import ./x.nix inputs) nixosConfigurations;` where they are set one by one there.
    void from_outputs(Ref set, const Bound& bound) {
        const Tree& tree = *set.tree;
        const NodeId up = tree.parent(set.id);
        if (tree.is(up, Kind::inherit) && nixsyntax::inherit_source(tree, up) != kNone)
            return outputs({&tree, nixsyntax::inherit_source(tree, up)}, bound, 1);
        set.id = nixsyntax::strip_parens(tree, set.id);
        if (!tree.is(set.id, Kind::select) || tree.text(tree.child(set.id, 1)) != "nixosConfigurations") return;
        outputs({&tree, tree.child(set.id, 0)}, bound, 1);
    }

    void host(Member member, Pattern pattern) {
        if (out_.hosts.size() >= kMaxHosts) return;
        OutlineHost host{std::move(member.name), member.at, pattern, kNoSite, std::move(member.bound), member.cannot};
        if (host.cannot.empty() && !reach_site(host, member.given.value)) return;
        if (!host.cannot.empty()) host.pattern = Pattern::other;
        out_.hosts.push_back(std::move(host));
        if (const std::size_t site = out_.hosts.back().site; site != kNoSite)
            out_.sites[site].hosts.push_back(out_.hosts.size() - 1);
    }

    /// Said as what it is, and no host.
    bool is_plain_data(const OutlineHost& host, Ref value) {
        const auto* const plain = std::find_if(kPlain.begin(), kPlain.end(), [&](const Plain& known) {
            return value && value.tree->is(value.id, known.kind);
        });
        if (plain == kPlain.end()) return false;
        out_.plain_data.push_back({host.name, host.at, plain->what});
        return true;
    }

    /// `nixosConfigurations = { inherit system; modules = [ … ]; specialArgs = { … }; }`: none of these is a host.
    void leave_out_arguments() {
        const bool arguments = std::any_of(out_.plain_data.begin(), out_.plain_data.end(), [](const PlainData& data) {
            return std::find(kArguments.begin(), kArguments.end(), data.name) != kArguments.end();
        });
        if (arguments && out_.sites.empty()) out_.hosts.clear();
    }

    /// Follows calls until nixosSystem is called with a set. False for what is no host.
    bool reach_site(OutlineHost& host, Ref made) {
        values_.entered().clear();
        values_.hope();
        const Ref value = values_.value_of(made, host.bound);
        if (is_plain_data(host, value)) return false;
        const auto& entered = values_.entered();
        const bool helper = std::any_of(entered.begin(), entered.end(), [](const Entered& e) { return !e.file; });
        const Tree& tree = *value.tree;
        auto parts = nixsyntax::call_parts(tree, value.id);
        auto name = values_.origin({&tree, parts.front()}, host.bound);
        if (parts.size() >= 3 && !name.empty() && name.back() == "makeOverridable") {
            parts.erase(parts.begin());
            name = values_.origin({&tree, parts.front()}, host.bound);
        }
        if (parts.size() >= 2 && !name.empty() && name.back() == "nixosSystem") {
            if (helper && host.pattern != Pattern::generated) host.pattern = Pattern::helper;
            if (!tree.text(parts.front()).ends_with("nixosSystem")) indirect_.insert(out_.hosts.size());
            found_site(host, name, {&tree, parts[1]}, helper || host.pattern == Pattern::generated);
            return true;
        }
        const std::size_t size = name.size();
        if (size >= 3 && name.back() == "extendModules" && name[size - 3] == "nixosConfigurations")
            host.extends = name[size - 2];
        if (values_.gave_up()) host.cannot = "too many functions make it";
        else if (tree.is(tree.parent(value.id), Kind::inherit)) host.cannot = "it is inherited from another set";
        else if (parts.size() < 2 || name.empty())
            host.cannot = fmt::format("it is made by no call of nixosSystem in {}", tree.file());
        else
            host.cannot =
                fmt::format("it is made by {}, which does not stand in {}", printable(join(name, ".")), tree.file());
        return true;
    }

    void found_site(OutlineHost& host, const std::vector<std::string>& name, Ref given, bool shared) {
        const Ref arguments = values_.value_of(given, host.bound);
        if (!arguments.tree->is(arguments.id, Kind::set)) {
            host.cannot = "nixosSystem is not called with a set that stands there";
            return;
        }
        const auto [known, fresh] = sites_.try_emplace(arguments, out_.sites.size());
        if (fresh) {
            Site site;
            site.arguments = arguments;
            if (name.size() == 4 && name[0] == "inputs" && name[2] == "lib") site.nixpkgs = name[1];
            out_.sites.push_back(std::move(site));
        }
        host.site = known->second;
        out_.sites[host.site].shared = out_.sites[host.site].shared || shared;
    }

    void refuse_twice() {
        std::map<std::string, std::size_t> first;
        for (std::size_t i = 0; i < out_.hosts.size(); ++i)
            if (const auto [it, fresh] = first.try_emplace(out_.hosts[i].name, i); !fresh)
                for (const std::size_t n : {i, it->second}) out_.hosts[n].cannot = "it is defined twice";
    }

    /// What is added for NixOS would reach the others too.
    void refuse_shared_with_others() {
        for (std::size_t i = 0; i < out_.hosts.size(); ++i) {
            OutlineHost& host = out_.hosts[i];
            if (host.site == kNoSite) continue;
            const bool shared = others_.contains(out_.sites[host.site].arguments);
            if (shared || (unknown_others_ && indirect_.contains(i)))
                host.cannot = "the function that makes it makes hosts that are not of NixOS too";
        }
    }

    Outline& out_;
    Values& values_;
    std::set<Ref> others_;            ///< what functions are given for hosts of other kinds
    bool unknown_others_ = false;     ///< and there are some of which that is not known
    std::set<std::size_t> indirect_;  ///< hosts for which the text does not call nixosSystem by its name
    std::map<Ref, std::size_t> sites_;
    std::size_t outputs_seen_ = 0;
    std::set<Ref> parts_;  ///< modules of flake-parts that were looked at
};

}  // namespace

void find_hosts(Outline& outline, const Bound& bound) { HostFinder(outline).run(bound); }

}  // namespace lf::flake
