// SPDX-License-Identifier: MIT
#include "flake/reach.h"

#include <algorithm>

namespace lf::flake {
namespace {

constexpr std::size_t kMaxFilesOfHost = 4000;

bool below_home_manager(const Tree& tree, NodeId node) {
    for (NodeId at = nixsyntax::enclosing(tree, node, Kind::binding); at != kNone;
         at = tree.parent(at) == kNone ? kNone : nixsyntax::enclosing(tree, tree.parent(at), Kind::binding)) {
        const NodeId first = tree.child(nixsyntax::binding_path(tree, at), 0);
        if (nixsyntax::attr_name(tree, first) == "home-manager") return true;
    }
    return false;
}

bool could_name_a_file(const Tree& tree, NodeId node) {
    const Kind kind = tree.kind(node);
    return kind == Kind::path || kind == Kind::string ||
           (kind == Kind::binary && tree.op(node) == nixsyntax::TokenKind::plus);
}

/// All files that the text below `start` names; names bound by let or `bound` are looked up once each.
std::vector<Reached> scan(Sources& sources, const Tree& tree, NodeId start, const Bound& bound) {
    std::vector<Reached> out;
    std::set<NodeId> seen;
    std::vector<NodeId> starts{start};
    const auto look_at = [&](NodeId node) {
        if (could_name_a_file(tree, node)) {
            const auto text = text_of(tree, node, bound);
            const bool path = text && (!tree.is(node, Kind::string) || text->starts_with('/'));
            const auto file = path ? sources.nix_file(tree.file(), *text) : std::nullopt;
            if (file) out.push_back({*file, below_home_manager(tree, node)});
            return !file;
        }
        if (!tree.is(node, Kind::identifier)) return true;
        const auto definition = nixsyntax::resolve(tree, node);
        const auto given = bound.values.find(definition.definer);
        const NodeId value = given != bound.values.end() ? given->second : definition.value;
        if (value != kNone && seen.insert(value).second) starts.push_back(value);
        return true;
    };
    for (std::size_t i = 0; i < starts.size(); ++i) walk(tree, starts[i], look_at);
    return out;
}

}  // namespace

Reach::Reach(Sources& sources, const Outline& outline) : sources_(sources), outline_(outline) {
    for (std::size_t host = 0; host < outline.hosts.size(); ++host) {
        files_.push_back(files_of(host));
        for (const Reached& reached : files_.back()) users_[reached.path].insert(host);
    }
}

const std::set<std::size_t>& Reach::users(const std::string& path) const {
    static const std::set<std::size_t> kNobody;
    const auto it = users_.find(path);
    return it == users_.end() ? kNobody : it->second;
}

const std::vector<Reached>& Reach::named_in(const std::string& path) {
    const auto [it, fresh] = named_.try_emplace(path);
    const Tree* tree = fresh ? sources_.tree_or_null(path) : nullptr;
    if (tree != nullptr) it->second = scan(sources_, *tree, tree->root(), {});
    return it->second;
}

std::vector<Reached> Reach::files_of(std::size_t index) {
    const OutlineHost& host = outline_.hosts[index];
    if (host.site == kNoSite) return {};
    const Tree& tree = *outline_.tree;
    std::vector<Reached> out;
    std::set<std::string> seen{"flake.nix"};
    const auto add = [&](const Reached& reached, bool home) {
        if (out.size() < kMaxFilesOfHost && seen.insert(reached.path).second)
            out.push_back({reached.path, reached.home || home});
    };
    const auto modules = nixsyntax::find_bindings(tree, outline_.sites[host.site].arguments, "modules");
    for (const auto& found : modules)
        if (found.value != kNone)
            for (const Reached& reached : scan(sources_, tree, found.value, host.bound)) add(reached, false);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool home = out[i].home;
        for (const Reached& reached : named_in(out[i].path)) add(reached, home);
    }
    return out;
}

}  // namespace lf::flake
