// SPDX-License-Identifier: MIT
#include "flake/meaning.h"

#include <algorithm>

namespace lf::flake {
namespace {

using nixsyntax::Scope;
using nixsyntax::TokenKind;

// Names may be defined by each other; a person follows fewer steps than this.
constexpr int kMaxSteps = 32;
// All the work for one text: `a = "${b}${b}"; b = "${c}${c}"; …` doubles with every line.
constexpr int kMaxWork = 1000;
// An owner's path or name is short; a text that doubles itself in a let is no path.
constexpr std::size_t kMaxText = 4096;

std::optional<std::string> text_at(const Tree& tree, NodeId id, const Bound& bound, int& work);

std::optional<std::string> text_with_interpolations(const Tree& tree, NodeId id, const Bound& bound, int& work) {
    const nixsyntax::Span whole = tree.span(id);
    const bool quoted = tree.is(id, Kind::string);
    std::uint32_t from = whole.begin + (quoted ? 1 : 0);
    std::string out;
    const auto piece = [&](std::uint32_t to) {
        const std::string_view raw = tree.text(nixsyntax::Span{from, to});
        out += raw;
        return !quoted || raw.find('\\') == std::string_view::npos;
    };
    for (const NodeId part : tree.children(id)) {
        if (!piece(tree.span(part).begin)) return std::nullopt;
        const auto value = text_at(tree, tree.child(part, 0), bound, work);
        if (!value || out.size() > kMaxText) return std::nullopt;
        out += *value;
        from = tree.span(part).end;
    }
    if (!piece(whole.end - (quoted ? 1 : 0))) return std::nullopt;
    return out;
}

std::optional<std::string> text_of_name(const Tree& tree, NodeId id, const Bound& bound, int& work) {
    const nixsyntax::Definition definition = nixsyntax::resolve(tree, id);
    if (const auto it = bound.texts.find({&tree, definition.definer}); it != bound.texts.end()) return it->second;
    if (const auto it = bound.values.find({&tree, definition.definer}); it != bound.values.end())
        return text_at(*it->second.tree, it->second.id, bound, work);
    if (definition.value != kNone) return text_at(tree, definition.value, bound, work);
    if (tree.text(id) == "self") return std::string();
    return std::nullopt;
}

std::optional<std::string> text_at(const Tree& tree, NodeId id, const Bound& bound, int& work) {
    if (id == kNone || --work < 0) return std::nullopt;
    id = nixsyntax::strip_parens(tree, id);
    switch (tree.kind(id)) {
        case Kind::string:
        case Kind::path: return text_with_interpolations(tree, id, bound, work);
        case Kind::identifier: return text_of_name(tree, id, bound, work);
        case Kind::select: {
            const auto parts = nixsyntax::dotted_name(tree, id);
            const bool root = parts && (*parts == std::vector<std::string>{"inputs", "self"} ||
                                        *parts == std::vector<std::string>{"self", "outPath"});
            return root ? std::optional<std::string>("") : std::nullopt;
        }
        case Kind::binary: {
            if (tree.op(id) != TokenKind::plus) return std::nullopt;
            const auto left = text_at(tree, tree.child(id, 0), bound, work);
            if (!left) return std::nullopt;
            const auto right = text_at(tree, tree.child(id, 1), bound, work);
            if (!right || left->size() + right->size() > kMaxText) return std::nullopt;
            return *left + *right;
        }
        default: return std::nullopt;
    }
}

std::vector<std::string> origin_at(const Tree& tree, NodeId id, NodeId outputs, int steps);

std::vector<std::string> extend(std::vector<std::string> path, const std::string& name) {
    if (!path.empty()) path.push_back(name);
    return path;
}

std::vector<std::string> origin_of_name(const Tree& tree, NodeId id, NodeId outputs, int steps) {
    const std::string name(tree.text(id));
    const nixsyntax::Definition d = nixsyntax::resolve(tree, id);
    if (d.owner == outputs && outputs != kNone && d.scope == Scope::argument) return {"inputs"};
    if (d.owner == outputs && outputs != kNone && d.scope == Scope::formal) return {"inputs", name};
    if (d.value != kNone) {
        auto path = origin_at(tree, d.value, outputs, steps + 1);
        return path.empty() ? std::vector<std::string>{name} : path;
    }
    if (tree.is(d.definer, Kind::inherit) && nixsyntax::inherit_source(tree, d.definer) != kNone)
        return extend(origin_at(tree, nixsyntax::inherit_source(tree, d.definer), outputs, steps + 1), name);
    if (d.scope == Scope::with) {
        auto path = extend(origin_at(tree, tree.child(d.owner, 0), outputs, steps + 1), name);
        if (!path.empty()) return path;
    }
    return {name};
}

std::vector<std::string> origin_at(const Tree& tree, NodeId id, NodeId outputs, int steps) {
    if (id == kNone || steps > kMaxSteps) return {};
    id = nixsyntax::strip_parens(tree, id);
    if (tree.is(id, Kind::identifier)) return origin_of_name(tree, id, outputs, steps);
    if (!tree.is(id, Kind::select) || tree.children(id).size() > 2) return {};
    auto path = origin_at(tree, tree.child(id, 0), outputs, steps + 1);
    const auto names = nixsyntax::attr_path(tree, tree.child(id, 1));
    if (path.empty() || !names) return {};
    path.insert(path.end(), names->begin(), names->end());
    return path;
}

}  // namespace

std::optional<std::string> text_of(const Tree& tree, NodeId id, const Bound& bound) {
    int work = kMaxWork;
    return text_at(tree, id, bound, work);
}

std::vector<std::string> origin(const Tree& tree, NodeId id, NodeId outputs) { return origin_at(tree, id, outputs, 0); }

std::vector<std::string> full_path(const Tree& tree, NodeId binding) {
    std::vector<std::string> out;  // backwards
    for (NodeId at = binding; tree.is(at, Kind::binding);) {
        const auto names = tree.children(nixsyntax::binding_path(tree, at));
        for (auto it = names.rbegin(); it != names.rend(); ++it)
            out.push_back(nixsyntax::attr_name(tree, *it).value_or(""));
        const NodeId set = tree.parent(at);
        if (!tree.is(set, Kind::set)) break;
        NodeId up = tree.parent(set);
        while (tree.is(up, Kind::parens)) up = tree.parent(up);
        at = up;
    }
    std::reverse(out.begin(), out.end());
    return out;
}

bool ends_with(const std::vector<std::string>& path, const std::vector<std::string>& tail) {
    return path.size() >= tail.size() && std::equal(tail.rbegin(), tail.rend(), path.rbegin());
}

}  // namespace lf::flake
