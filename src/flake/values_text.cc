// SPDX-License-Identifier: MIT
// Texts, conditions and where names come from.
#include <algorithm>

#include "base/text.h"
#include "flake/values_deeper.h"

namespace lf::flake {
namespace {

using nixsyntax::Scope;
using nixsyntax::TokenKind;

using Path = std::vector<std::string>;

// All the work for one text: `a = "${b}${b}"; b = "${c}${c}"; …` doubles with every line.
constexpr int kMaxTextWork = 300;

// No identifier, so that it is nobody's name.
constexpr std::string_view kOtherInputs = "other inputs";

Path extend(Path path, const std::string& name) {
    if (path.empty()) return path;
    // The inputs of the flake itself are the inputs.
    if (name == "inputs" && path == Path{"inputs", "self"}) return {"inputs"};
    path.push_back(name);
    return path;
}

bool is_root(const Path& origin) {
    return origin == Path{"inputs", "self"} || origin == Path{"inputs", "self", "outPath"};
}

}  // namespace

/// A relative path means another file where it was written than where it is used.
std::optional<std::string> Values::in_file(std::string text, Ref from, Ref to) const {
    if (from.tree == to.tree || !text.starts_with('.')) return text;
    const auto path = normal_path(folder_of(from.tree->file()) + "/" + text);
    return path ? std::optional("/" + *path) : std::nullopt;
}

std::optional<std::string> Values::text_of(Ref at, const Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok() || !at) return std::nullopt;
    if (text_depth_++ == 0) text_work_ = kMaxTextWork;
    auto text = at.tree->is(at.tree->parent(at.id), Kind::inherit) ? text_of_other(at, bound)
                                                                   : flake::text_of(*at.tree, at.id, [&](NodeId id) {
                                                                         return text_of_other({at.tree, id}, bound);
                                                                     });
    --text_depth_;
    return text;
}

std::optional<std::string> Values::text_of_other(Ref at, const Bound& bound) {
    const Tree& tree = *at.tree;
    const Deeper deeper(*this);
    if (!deeper.ok() || --text_work_ < 0) return std::nullopt;
    if (tree.is(at.id, Kind::identifier) || tree.is(tree.parent(at.id), Kind::inherit)) {
        const NodeId definer = nixsyntax::resolve(tree, at.id).definer;
        if (const auto it = bound.texts.find({&tree, definer}); it != bound.texts.end()) return it->second;
    }
    if (tree.is(at.id, Kind::apply))
        if (auto text = text_of_call(at, bound)) return text;
    Bound copy = bound;
    at.id = nixsyntax::result_of(tree, at.id);
    const Ref value = step(at, copy);
    if (value) {
        auto text = text_of(value, copy);
        return text ? in_file(std::move(*text), value, at) : std::nullopt;
    }
    if (is_self(tree, at.id) || is_root(origin(at, bound))) return std::string();
    const bool named = tree.is(at.id, Kind::string) || tree.is(at.id, Kind::path) || tree.is(at.id, Kind::binary);
    return named ? text_of(at, bound) : std::nullopt;
}

/// `removeSuffix ".nix" name` and the like.
std::optional<std::string> Values::text_of_call(Ref at, const Bound& bound) {
    const auto parts = nixsyntax::call_parts(*at.tree, at.id);
    const std::string name = function_name({at.tree, parts.front()}, bound);
    const auto argument = [&](std::size_t n) { return text_of({at.tree, parts[n]}, bound); };
    if (parts.size() == 2 && name == "toString") return argument(1);
    if (parts.size() == 2 && name == "baseNameOf") {
        const auto text = argument(1);
        return text ? std::optional(text->substr(text->rfind('/') + 1)) : std::nullopt;
    }
    const bool suffix = name == "removeSuffix";
    if (parts.size() != 3 || (!suffix && name != "removePrefix")) return std::nullopt;
    const auto affix = argument(1);
    auto text = argument(2);
    if (!affix || !text) return std::nullopt;
    if (suffix && text->ends_with(*affix)) text->resize(text->size() - affix->size());
    if (!suffix && text->starts_with(*affix)) text->erase(0, affix->size());
    return text;
}

std::optional<bool> Values::truth_of(Ref at, const Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok()) return std::nullopt;
    Bound copy = bound;
    const Ref value = value_of(at, copy);
    const Tree& tree = *value.tree;
    const auto child = [&](std::size_t n) { return Ref{&tree, tree.child(value.id, n)}; };
    if (tree.is(value.id, Kind::identifier)) {
        const std::string_view name = tree.text(value.id);
        const bool global = nixsyntax::resolve(tree, value.id).definer == kNone;
        return global && (name == "true" || name == "false") ? std::optional(name == "true") : std::nullopt;
    }
    if (tree.is(value.id, Kind::unary) && tree.op(value.id) == TokenKind::logical_not) {
        const auto inner = truth_of(child(0), copy);
        return inner ? std::optional(!*inner) : std::nullopt;
    }
    if (tree.is(value.id, Kind::apply)) return truth_of_call(value, copy);
    if (!tree.is(value.id, Kind::binary)) return std::nullopt;
    const TokenKind op = tree.op(value.id);
    if (op == TokenKind::equal || op == TokenKind::not_equal) {
        const auto left = text_of(child(0), copy);
        const auto right = text_of(child(1), copy);
        return left && right ? std::optional((*left == *right) == (op == TokenKind::equal)) : std::nullopt;
    }
    if (op != TokenKind::logical_and && op != TokenKind::logical_or) return std::nullopt;
    const bool decides = op == TokenKind::logical_or;
    const auto left = truth_of(child(0), copy);
    if (!left || *left == decides) return left;
    return truth_of(child(1), copy);
}

std::optional<bool> Values::truth_of_call(Ref at, const Bound& bound) {
    const auto parts = nixsyntax::call_parts(*at.tree, at.id);
    const std::string name = function_name({at.tree, parts.front()}, bound);
    if (parts.size() == 2 && name == "pathExists") {
        const auto text = text_of({at.tree, parts[1]}, bound);
        const auto path = text ? normal_path(text->starts_with('/') ? *text : folder_of(at.tree->file()) + "/" + *text)
                               : std::nullopt;
        return path ? std::optional(sources_.exists(*path)) : std::nullopt;
    }
    if (parts.size() != 3) return std::nullopt;
    const auto text = text_of({at.tree, parts[name == "elem" ? 1 : 2]}, bound);
    if (name == "elem") {
        std::vector<Element> all;
        if (!text || !elements({at.tree, parts[2]}, bound, all)) return std::nullopt;
        const bool known =
            std::all_of(all.begin(), all.end(), [](const Element& e) { return e.given.text.has_value(); });
        const bool there = std::any_of(all.begin(), all.end(), [&](const Element& e) { return e.given.text == text; });
        return known ? std::optional(there) : std::nullopt;
    }
    const auto affix = text_of({at.tree, parts[1]}, bound);
    if (!affix || !text) return std::nullopt;
    if (name == "hasSuffix") return text->ends_with(*affix);
    return name == "hasPrefix" ? std::optional(text->starts_with(*affix)) : std::nullopt;
}

std::string Values::function_name(Ref function, const Bound& bound) {
    const Path path = origin(function, bound);
    return path.empty() ? std::string() : path.back();
}

std::vector<std::string> Values::origin(Ref at, const Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok() || !at) return {};
    const Tree& tree = *at.tree;
    at.id = nixsyntax::strip_parens(tree, at.id);
    if (tree.is(at.id, Kind::identifier)) return origin(at, tree.text(at.id), bound);
    if (tree.is(tree.parent(at.id), Kind::inherit)) {
        const std::string name = nixsyntax::attr_name(tree, at.id).value_or("");
        const NodeId source = nixsyntax::inherit_source(tree, tree.parent(at.id));
        return source == kNone ? origin(at, name, bound) : origin_of_attribute({&tree, source}, name, bound);
    }
    if (tree.is(at.id, Kind::select) && tree.children(at.id).size() == 2) {
        const auto names = nixsyntax::attr_path(tree, tree.child(at.id, 1));
        if (!names) return {};
        Path path = origin({&tree, tree.child(at.id, 0)}, bound);
        if (path.empty() || path.front() != "inputs") {
            Bound copy = bound;
            if (const Ref value = selected(at, copy); value)
                if (Path found = origin(value, copy); !found.empty()) return found;
        }
        for (const std::string& name : *names) path = extend(std::move(path), name);
        return path;
    }
    if (!tree.is(at.id, Kind::apply) && !tree.is(at.id, Kind::conditional)) return {};
    Bound copy = bound;
    const Ref value = step(at, copy);
    return value ? origin(value, copy) : Path{};
}

std::vector<std::string> Values::origin(Ref at, std::string_view as, const Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok()) return {};
    const Tree& tree = *at.tree;
    const std::string name(as);
    const nixsyntax::Definition d = nixsyntax::resolve(tree, at.id, as);
    // One that is defined here and of which nothing is known is not the flake's, whatever it is called.
    Path itself{name == "inputs" && d.definer != kNone ? std::string(kOtherInputs) : name};
    const auto or_itself = [&](const Path& path) { return path.empty() ? itself : path; };
    if (outputs_ && outputs_ == Ref{&tree, d.owner}) {
        if (d.scope == Scope::argument) return {"inputs"};
        if (d.scope == Scope::formal) return {"inputs", name};
    }
    if (const auto it = bound.origins.find({&tree, d.definer}); it != bound.origins.end()) return it->second;
    if (const auto it = bound.values.find({&tree, d.definer}); it != bound.values.end())
        return or_itself(origin(it->second, bound));
    if (d.value != kNone) return or_itself(origin({&tree, d.value}, bound));
    if (tree.is(d.definer, Kind::inherit)) {
        const NodeId source = nixsyntax::inherit_source(tree, d.definer);
        if (source != kNone) return or_itself(origin_of_attribute({&tree, source}, name, bound));
        // `let inherit x; in` is the x around the let.
        return or_itself(origin({&tree, d.owner}, as, bound));
    }
    if (d.scope == Scope::with) {
        Path path = origin_of_attribute({&tree, tree.child(d.owner, 0)}, name, bound);
        if (!path.empty()) return path;
    }
    return itself;
}

/// Where `set.name` comes from: as the set's origin tells, or by what stands in it.
std::vector<std::string> Values::origin_of_attribute(Ref set, const std::string& name, const Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok()) return {};
    const Path path = origin(set, bound);
    if (!path.empty() && path.front() == "inputs") return extend(path, name);
    Bound copy = bound;
    const Attribute found = find(set, {name}, copy);
    if (found.there == There::found) return origin(found.value, copy);
    const Ref value = value_of(set, copy);
    if (value.tree->is(value.id, Kind::binary) && value.tree->op(value.id) == TokenKind::update) {
        const Ref right{value.tree, value.tree->child(value.id, 1)};
        if (find(right, {name}, copy).there == There::absent)
            return origin_of_attribute({value.tree, value.tree->child(value.id, 0)}, name, copy);
        return {};
    }
    return extend(path, name);
}

}  // namespace lf::flake
