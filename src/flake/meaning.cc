// SPDX-License-Identifier: MIT
#include "flake/meaning.h"

#include <algorithm>

namespace lf::flake {
namespace {

using nixsyntax::TokenKind;

// All the work for one text: `a = "${b}${b}"; b = "${c}${c}"; …` doubles with every line.
constexpr int kMaxWork = 1000;
// An owner's path or name is short; a text that doubles itself in a let is no path.
constexpr std::size_t kMaxText = 4096;

std::optional<std::string> text_at(const Tree& tree, NodeId id, const TextOf& other);

std::optional<std::string> text_with_interpolations(const Tree& tree, NodeId id, const TextOf& other) {
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
        const auto value = text_at(tree, tree.child(part, 0), other);
        if (!value || out.size() > kMaxText) return std::nullopt;
        out += *value;
        from = tree.span(part).end;
    }
    if (!piece(whole.end - (quoted ? 1 : 0))) return std::nullopt;
    return out;
}

std::optional<std::string> text_at(const Tree& tree, NodeId id, const TextOf& other) {
    if (id == kNone) return std::nullopt;
    id = nixsyntax::strip_parens(tree, id);
    switch (tree.kind(id)) {
        case Kind::string:
        case Kind::path: return text_with_interpolations(tree, id, other);
        case Kind::binary: {
            if (tree.op(id) != TokenKind::plus) return other(id);
            const auto left = text_at(tree, tree.child(id, 0), other);
            if (!left) return std::nullopt;
            const auto right = text_at(tree, tree.child(id, 1), other);
            if (!right || left->size() + right->size() > kMaxText) return std::nullopt;
            return *left + *right;
        }
        default: return other(id);
    }
}

}  // namespace

bool is_self(const Tree& tree, NodeId id) {
    const auto parts = nixsyntax::dotted_name(tree, id);
    return parts &&
           (*parts == std::vector<std::string>{"self"} || *parts == std::vector<std::string>{"inputs", "self"} ||
            *parts == std::vector<std::string>{"self", "outPath"});
}

std::optional<std::string> text_of(const Tree& tree, NodeId id, const TextOf& other) {
    return text_at(tree, id, other);
}

std::optional<std::string> text_of(const Tree& tree, NodeId id) {
    int work = kMaxWork;
    const TextOf of_name = [&](NodeId at) -> std::optional<std::string> {
        if (--work < 0) return std::nullopt;
        const bool name = tree.is(at, Kind::identifier);
        const NodeId value = name ? nixsyntax::resolve(tree, at).value : kNone;
        if (value != kNone) return text_at(tree, value, of_name);
        return is_self(tree, at) ? std::optional<std::string>("") : std::nullopt;
    };
    return text_at(tree, id, of_name);
}

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
