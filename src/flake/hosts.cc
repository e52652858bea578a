// SPDX-License-Identifier: MIT
// How hosts are made, and where the text stands that makes them. All of these end at one set literal, a Site:
//
//     carbon = nixpkgs.lib.nixosSystem { … };                       plain, or dotted nixosConfigurations.carbon
//     carbon = mkHost "carbon" [ … ];  with  mkHost = name: extra: nixosSystem { … };                     helper
//     nixosConfigurations = genAttrs [ "carbon" ] (name: nixosSystem { … });                           generated
//
// The arguments of the functions in between are kept with the host (Bound), so that ./machines/${name}.nix can be read.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "flake/outline.h"

namespace lf::flake {
namespace {

using nixsyntax::Found;
using nixsyntax::Match;
using nixsyntax::TokenKind;

// Functions of functions of functions: nobody's fleet is deeper.
constexpr int kMaxCalls = 8;
constexpr std::size_t kMaxHosts = 4096;

class HostFinder {
  public:
    explicit HostFinder(Outline& outline) : out_(outline), tree_(*outline.tree) {}

    void run() {
        std::vector<NodeId> sets;
        collect_sets(out_.body, sets, 0);
        for (const NodeId set : sets)
            for (const Found& found : nixsyntax::find_bindings(tree_, set, "nixosConfigurations")) found_hosts(found);
        for (std::size_t i = 0; i < out_.hosts.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (out_.hosts[i].name == out_.hosts[j].name) refuse_twice(i, j);
    }

  private:
    std::vector<std::string> from(NodeId id) const { return origin(tree_, id, out_.outputs.id); }
    /// A name of a let or rec, or the value itself; let, with and parentheses looked through.
    NodeId value_of(NodeId id) const {
        for (int i = 0; i < kMaxCalls; ++i) {
            const NodeId next = nixsyntax::result_of(tree_, nixsyntax::follow(tree_, id));
            if (next == id) break;
            id = next;
        }
        return id;
    }

    /// The sets that the outputs are put together from: `{ } // { }`, and flake-parts' `flake = { … }`.
    void collect_sets(NodeId id, std::vector<NodeId>& sets, int steps) {
        if (steps > kMaxCalls) return;
        const NodeId value = value_of(id);
        if (tree_.is(value, Kind::set)) return sets.push_back(value);
        if (tree_.is(value, Kind::binary) && tree_.op(value) == TokenKind::update) {
            collect_sets(tree_.child(value, 0), sets, steps + 1);
            return collect_sets(tree_.child(value, 1), sets, steps + 1);
        }
        const auto parts = nixsyntax::call_parts(tree_, value);
        const auto name = from(parts.front());
        if (parts.size() != 3 || name.empty() || name.back() != "mkFlake") return;
        const NodeId module = value_of(nixsyntax::innermost_body(tree_, value_of(parts[2])));
        for (const Found& found : nixsyntax::find_bindings(tree_, module, "flake.nixosConfigurations"))
            found_hosts(found);
        for (const Found& found : nixsyntax::find_bindings(tree_, module, "flake"))
            if (found.match == Match::exact && found.value != kNone && !tree_.is(value_of(found.value), Kind::set))
                collect_sets(nixsyntax::innermost_body(tree_, value_of(found.value)), sets, steps + 1);
    }

    void found_hosts(const Found& found) {
        out_.hosts_elsewhere = true;
        if (found.match == Match::exact && found.value != kNone) return host_set(found.value, 0);
        if (found.match == Match::exact) return inherited(found.entry, found.name);
        if (found.match != Match::deeper) return;
        const NodeId path = nixsyntax::binding_path(tree_, found.entry);
        const auto names = tree_.children(path);
        const auto at = std::find(names.begin(), names.end(), found.name);
        if (at == names.end() || at + 1 == names.end()) return;
        if (at + 2 == names.end())
            return host(*(at + 1), nixsyntax::binding_value(tree_, found.entry), Pattern::dotted);
        cannot(*(at + 1), "its attributes are set one by one");
    }

    /// `inherit (hosts) nixosConfigurations;` or `inherit nixosConfigurations;`
    void inherited(NodeId inherit, NodeId name) {
        const auto definition = nixsyntax::resolve(tree_, name);
        if (nixsyntax::inherit_source(tree_, inherit) == kNone && definition.value != kNone)
            host_set(definition.value, 0);
    }

    void host_set(NodeId id, int steps) {
        if (steps > kMaxCalls) return;
        const NodeId value = value_of(id);
        if (tree_.is(value, Kind::set)) {
            for (const NodeId entry : nixsyntax::entries(tree_, value)) host_entry(entry);
        } else if (tree_.is(value, Kind::binary) && tree_.op(value) == TokenKind::update) {
            host_set(tree_.child(value, 0), steps + 1);
            host_set(tree_.child(value, 1), steps + 1);
        } else {
            generated(value);
        }
    }

    void host_entry(NodeId entry) {
        if (tree_.is(entry, Kind::inherit)) {
            for (const NodeId name : nixsyntax::inherit_names(tree_, entry)) {
                const NodeId value = nixsyntax::resolve(tree_, name).value;
                if (nixsyntax::inherit_source(tree_, entry) == kNone && value != kNone)
                    host(name, value, Pattern::plain);
                else cannot(name, "it is inherited from another set");
            }
            return;
        }
        const auto names = tree_.children(nixsyntax::binding_path(tree_, entry));
        if (names.size() == 1) return host(names[0], nixsyntax::binding_value(tree_, entry), Pattern::plain);
        cannot(names[0], "its attributes are set one by one");
    }

    /// genAttrs NAMES f · mapAttrs f SET · listToAttrs (map f NAMES), with `f` a function of this file.
    void generated(NodeId value) {
        const auto parts = nixsyntax::call_parts(tree_, value);
        const auto name = from(parts.front());
        if (name.empty()) return;
        if (name.back() == "genAttrs" && parts.size() == 3) return for_names(parts[1], parts[2], false);
        if (name.back() == "mapAttrs" && parts.size() == 3) return for_set(parts[1], parts[2]);
        if (name.back() != "listToAttrs" || parts.size() != 2) return;
        const auto mapped = nixsyntax::call_parts(tree_, value_of(parts[1]));
        const auto map = from(mapped.front());
        if (mapped.size() == 3 && !map.empty() && (map.back() == "map" || map.back() == "forEach")) {
            const bool map_first = map.back() == "map";
            for_names(mapped[map_first ? 2 : 1], mapped[map_first ? 1 : 2], true);
        }
    }

    void for_names(NodeId names, NodeId function, bool pair) {
        const NodeId list = value_of(names);
        if (!tree_.is(list, Kind::list)) return;
        for (const NodeId element : tree_.children(list)) {
            const auto name = text_of(tree_, element);
            if (!name || out_.hosts.size() >= kMaxHosts) continue;
            OutlineHost host{*name, {&tree_, element}, Pattern::generated, kNoSite, {}, {}};
            const auto lambda = nixsyntax::lambda_parts(tree_, value_of(function));
            NodeId body = kNone;
            if (lambda.argument != kNone && lambda.formals == kNone) {
                host.bound.texts[{&tree_, lambda.argument}] = *name;
                host.bound.values[{&tree_, lambda.argument}] = {&tree_, element};
                body = lambda.body;
            }
            if (pair) body = nixsyntax::find_value(tree_, value_of(body == kNone ? function : body), "value");
            finish(std::move(host), body);
        }
    }

    void for_set(NodeId function, NodeId set) {
        const auto outer = nixsyntax::lambda_parts(tree_, value_of(function));
        for (const NodeId entry : nixsyntax::entries(tree_, value_of(set))) {
            if (!tree_.is(entry, Kind::binding) || out_.hosts.size() >= kMaxHosts) continue;
            const auto names = tree_.children(nixsyntax::binding_path(tree_, entry));
            const auto name = nixsyntax::attr_name(tree_, names[0]);
            if (!name) continue;
            OutlineHost host{*name, {&tree_, names[0]}, Pattern::generated, kNoSite, {}, {}};
            NodeId body = kNone;
            if (outer.argument != kNone && outer.formals == kNone) {
                host.bound.texts[{&tree_, outer.argument}] = *name;
                body = outer.body;
                if (const auto inner = nixsyntax::lambda_parts(tree_, body); inner.body != kNone) {
                    bind(inner, nixsyntax::binding_value(tree_, entry), host.bound);
                    body = inner.body;
                }
            }
            finish(std::move(host), body);
        }
    }

    OutlineHost named(NodeId name, Pattern pattern) const {
        return {nixsyntax::attr_name(tree_, name).value_or(std::string(tree_.text(name))),
                {&tree_, name},
                pattern,
                kNoSite,
                {},
                {}};
    }

    void cannot(NodeId name, std::string why) {
        OutlineHost host = named(name, Pattern::other);
        host.cannot = std::move(why);
        out_.hosts.push_back(std::move(host));
    }

    void host(NodeId name, NodeId value, Pattern pattern) {
        if (out_.hosts.size() < kMaxHosts) finish(named(name, pattern), value);
    }

    void finish(OutlineHost host, NodeId value) {
        if (value == kNone) host.cannot = "the function that makes it is not one of this file";
        else reach_site(host, value);
        if (!host.cannot.empty()) host.pattern = Pattern::other;
        out_.hosts.push_back(std::move(host));
        if (const std::size_t site = out_.hosts.back().site; site != kNoSite)
            out_.sites[site].hosts.push_back(out_.hosts.size() - 1);
    }

    /// Follows calls of functions of this file until nixosSystem is called with a set.
    void reach_site(OutlineHost& host, NodeId value) {
        bool shared = host.pattern == Pattern::generated;
        for (int calls = 0; calls < kMaxCalls; ++calls) {
            value = value_of(value);
            const auto parts = nixsyntax::call_parts(tree_, value);
            const auto name = from(parts.front());
            if (parts.size() >= 2 && !name.empty() && name.back() == "nixosSystem")
                return found_site(host, name, parts[1], shared);
            const NodeId body = parts.size() >= 2 ? enter(parts, host.bound) : kNone;
            if (body == kNone) {
                host.cannot =
                    parts.size() >= 2 && !name.empty()
                        ? fmt::format("it is made by {}, which does not stand in flake.nix", printable(join(name, ".")))
                        : "it is made by no call of nixosSystem in flake.nix";
                return;
            }
            value = body;
            shared = true;
            if (host.pattern != Pattern::generated) host.pattern = Pattern::helper;
        }
        host.cannot = "too many functions make it";
    }

    /// Binds the arguments of a call of a function of this file; its body, or kNone.
    NodeId enter(const std::vector<NodeId>& parts, Bound& bound) {
        NodeId body = value_of(parts[0]);
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const auto lambda = nixsyntax::lambda_parts(tree_, body);
            if (lambda.body == kNone) return kNone;
            bind(lambda, parts[i], bound);
            body = nixsyntax::strip_parens(tree_, lambda.body);
        }
        return tree_.is(body, Kind::lambda) ? kNone : body;
    }

    void bind(const nixsyntax::Lambda& lambda, NodeId value, Bound& bound) {
        const auto give = [&](NodeId definer, NodeId given) {
            if (const auto text = text_of(tree_, given, bound)) bound.texts[{&tree_, definer}] = *text;
            bound.values[{&tree_, definer}] = {&tree_, given};
        };
        if (lambda.argument != kNone) give(lambda.argument, value);
        const NodeId set = value_of(value);
        if (lambda.formals == kNone || !tree_.is(set, Kind::set)) return;
        for (const NodeId entry : nixsyntax::entries(tree_, set)) {
            if (tree_.is(entry, Kind::binding)) {
                const auto names = nixsyntax::attr_path(tree_, nixsyntax::binding_path(tree_, entry));
                const NodeId formal =
                    names && names->size() == 1 ? nixsyntax::find_formal(tree_, lambda.formals, names->front()) : kNone;
                if (formal != kNone) give(formal, nixsyntax::binding_value(tree_, entry));
                continue;
            }
            for (const NodeId name : nixsyntax::inherit_names(tree_, entry)) {
                const NodeId formal = nixsyntax::find_formal(tree_, lambda.formals,
                                                             nixsyntax::attr_name(tree_, name).value_or(std::string()));
                if (formal == kNone || nixsyntax::inherit_source(tree_, entry) != kNone) continue;
                const auto definition = nixsyntax::resolve(tree_, name);
                if (const auto it = bound.texts.find({&tree_, definition.definer}); it != bound.texts.end())
                    bound.texts[{&tree_, formal}] = it->second;
                if (definition.value != kNone) give(formal, definition.value);
            }
        }
    }

    void found_site(OutlineHost& host, const std::vector<std::string>& name, NodeId given, bool shared) {
        const Ref arguments{&tree_, value_of(given)};
        if (!tree_.is(arguments.id, Kind::set)) {
            host.cannot = "nixosSystem is not called with a set that stands there";
            return;
        }
        const auto same = [&](const Site& site) { return site.arguments == arguments; };
        auto it = std::find_if(out_.sites.begin(), out_.sites.end(), same);
        if (it == out_.sites.end()) {
            Site site;
            site.arguments = arguments;
            if (name.size() == 4 && name[0] == "inputs" && name[2] == "lib") site.nixpkgs = name[1];
            out_.sites.push_back(std::move(site));
            it = out_.sites.end() - 1;
        }
        it->shared = it->shared || shared;
        host.site = static_cast<std::size_t>(it - out_.sites.begin());
    }

    void refuse_twice(std::size_t i, std::size_t j) {
        for (const std::size_t n : {i, j}) out_.hosts[n].cannot = "it is defined twice";
    }

    Outline& out_;
    const Tree& tree_;
};

}  // namespace

void find_hosts(Outline& outline) { HostFinder(outline).run(); }

}  // namespace lf::flake
