// SPDX-License-Identifier: MIT
// Sets and lists that functions of nixpkgs' lib and builtins make: what people generate hosts with.
#include <algorithm>
#include <array>
#include <map>

#include "flake/collections.h"

namespace lf::flake {
namespace {

using nixsyntax::TokenKind;

// Nobody has more hosts, and a list of lists of lists may double with every line.
constexpr std::size_t kMost = 4096;

/// In the order of the text; the last of one name wins.
Members as_set(Members all) {
    Members out;
    std::map<std::string, std::size_t> places;
    for (Member& member : all) {
        const auto [it, fresh] = places.try_emplace(member.name, out.size());
        if (fresh) out.push_back(std::move(member));
        else out[it->second] = std::move(member);
    }
    return out;
}

}  // namespace

bool Builtins::unique_members(const Ref& set, Members& out) {
    Members all;
    const bool known = values_.members(set, bound_, all);
    out = as_set(std::move(all));
    return known;
}

bool Builtins::gen_attrs(Members& out) {
    Elements all;
    const bool known = values_.elements(argument(1), bound_, all);
    for (Element& element : all) {
        const std::string name = text_of_given(element.given, element.bound);
        if (name.empty()) continue;
        Given given = element.given;
        given.text = name;
        const Ref value = call_with(argument(2), {given}, element.bound);
        out.push_back(generated(name, element.at, value, std::move(element.bound)));
    }
    return known;
}

bool Builtins::map_attrs(Members& out) {
    Members all;
    const bool known = unique_members(argument(2), all);
    for (Member& member : all) {
        const Ref value = call_with(argument(1), {Given{{}, member.name}, member.given}, member.bound);
        out.push_back(generated(member.name, member.at, value, std::move(member.bound)));
    }
    return known;
}

/// mapAttrs' and concatMapAttrs: what the function gives names itself.
bool Builtins::map_attrs_named(Members& out) {
    Members all;
    bool known = unique_members(argument(2), all);
    for (Member& member : all) {
        const Ref value = call_with(argument(1), {Given{{}, member.name}, member.given}, member.bound);
        if (name_ == "concatMapAttrs") known = operands(value, member.bound, out) && known;
        else known = pair(value, member.bound, member.at, out) && known;
    }
    return known;
}

/// { name = …; value = …; } or nameValuePair … …
bool Builtins::pair(Ref value, Bound bound, Ref at, Members& out) {
    if (!value) return false;
    value = values_.value_of(value, bound);
    Ref name;
    Ref made;
    const auto parts = nixsyntax::call_parts(*value.tree, value.id);
    if (parts.size() == 3 && values_.function_name({value.tree, parts.front()}, bound) == "nameValuePair") {
        name = {value.tree, parts[1]};
        made = {value.tree, parts[2]};
    } else if (value.tree->is(value.id, Kind::set)) {
        name = values_.attribute(value, "name", bound);
        made = values_.attribute(value, "value", bound);
    }
    const auto text = values_.text_of(name, bound);
    if (!text) return false;
    out.push_back(generated(*text, at, made, std::move(bound)));
    return true;
}

bool Builtins::list_to_attrs(Members& out) {
    Elements all;
    bool known = values_.elements(argument(1), bound_, all);
    for (Element& element : all) known = pair(element.given.value, std::move(element.bound), element.at, out) && known;
    return known;
}

bool Builtins::read_dir(Members& out) {
    const auto text = values_.text_of(argument(1), bound_);
    const std::string folder = folder_of(argument(1).tree->file());
    const auto path = text ? normal_path(text->starts_with('/') ? *text : folder + "/" + *text) : std::nullopt;
    if (!path || !values_.sources_.is_folder(*path)) return false;
    for (auto& [name, kind] : values_.sources_.read_folder(*path))
        out.push_back({name, call_, {{}, kind}, bound_, true, {}});
    return true;
}

bool Builtins::filter_attrs(Members& out) {
    Members all;
    bool known = unique_members(argument(2), all);
    for (Member& member : all) {
        Bound bound = member.bound;
        const Ref test = call_with(argument(1), {Given{{}, member.name}, member.given}, bound);
        const auto keep = test ? values_.truth_of(test, bound) : std::nullopt;
        known = known && keep.has_value();
        if (keep.value_or(false)) out.push_back(std::move(member));
    }
    return known;
}

bool Builtins::remove_attrs(Members& out) {
    Members all;
    Elements names;
    bool known = unique_members(argument(1), all);
    known = values_.elements(argument(2), bound_, names) && known;
    for (Member& member : all)
        if (std::none_of(names.begin(), names.end(), [&](const Element& e) { return e.given.text == member.name; }))
            out.push_back(std::move(member));
    return known && std::all_of(names.begin(), names.end(), [](const Element& e) { return e.given.text.has_value(); });
}

bool Builtins::both(Members& out) {
    const bool left = values_.members(argument(1), bound_, out);
    return values_.members(argument(2), bound_, out) && left;
}

bool Builtins::merge_list(Members& out) {
    Elements all;
    bool known = values_.elements(argument(1), bound_, all);
    for (const Element& element : all) known = operands(element.given.value, element.bound, out) && known;
    return known;
}

/// `foldl' (all: host: all // { … }) { } hosts`
bool Builtins::fold(Members& out) {
    bool known = values_.members(argument(2), bound_, out);
    Elements all;
    known = values_.elements(argument(3), bound_, all) && known;
    for (Element& element : all) {
        const Ref step = call_with(argument(1), {Given{}, element.given}, element.bound);
        known = operands(step, element.bound, out) && known;
    }
    return known;
}

/// The sets that an expression joins; names that stand for nothing that is known are what was joined before.
bool Builtins::operands(Ref value, const Bound& bound, Members& out) {
    if (!value) return false;
    Bound copy = bound;
    value = values_.value_of(value, copy);
    const Tree& tree = *value.tree;
    if (tree.is(value.id, Kind::identifier)) {
        const auto scope = nixsyntax::resolve(tree, value.id).scope;
        return scope == nixsyntax::Scope::argument;
    }
    std::vector<Ref> sides;
    if (tree.is(value.id, Kind::binary) && tree.op(value.id) == TokenKind::update)
        sides = {{&tree, tree.child(value.id, 0)}, {&tree, tree.child(value.id, 1)}};
    const auto parts = nixsyntax::call_parts(tree, value.id);
    if (parts.size() == 3 && values_.function_name({&tree, parts.front()}, copy) == "recursiveUpdate")
        sides = {{&tree, parts[1]}, {&tree, parts[2]}};
    if (sides.empty()) return values_.members(value, copy, out);
    const Values::Deeper deeper(values_);
    if (!deeper.ok()) return false;
    const bool left = operands(sides[0], copy, out);
    return operands(sides[1], copy, out) && left;
}

bool Builtins::members(Members& out) {
    using Maker = bool (Builtins::*)(Members&);
    struct Known {
        std::string_view name;
        std::size_t parts;
        Maker make;
    };
    static constexpr std::array<Known, 12> kKnown{{
        {"genAttrs", 3, &Builtins::gen_attrs},
        {"mapAttrs", 3, &Builtins::map_attrs},
        {"mapAttrs'", 3, &Builtins::map_attrs_named},
        {"concatMapAttrs", 3, &Builtins::map_attrs_named},
        {"listToAttrs", 2, &Builtins::list_to_attrs},
        {"readDir", 2, &Builtins::read_dir},
        {"filterAttrs", 3, &Builtins::filter_attrs},
        {"removeAttrs", 3, &Builtins::remove_attrs},
        {"recursiveUpdate", 3, &Builtins::both},
        {"mergeAttrsList", 2, &Builtins::merge_list},
        {"foldl'", 4, &Builtins::fold},
        {"foldl", 4, &Builtins::fold},
    }};
    for (const Known& known : kKnown)
        if (known.name == name_ && known.parts == parts_.size()) return (this->*known.make)(out);
    return false;
}

bool Values::members(Ref set, const Bound& bound, std::vector<Member>& out) {
    const Deeper deeper(*this);
    if (!deeper.ok() || !set || out.size() > kMost) return false;
    Bound own = bound;
    const Ref value = value_of(set, own);
    const Tree& tree = *value.tree;
    if (tree.is(value.id, Kind::binary) && tree.op(value.id) == TokenKind::update) {
        const bool left = members({&tree, tree.child(value.id, 0)}, own, out);
        return members({&tree, tree.child(value.id, 1)}, own, out) && left;
    }
    if (tree.is(value.id, Kind::apply)) return Builtins(*this, value, own).members(out);
    if (!tree.is(value.id, Kind::set)) return false;
    for (const NodeId entry : nixsyntax::entries(tree, value.id)) {
        if (out.size() > kMost) return false;
        for (const NodeId name : nixsyntax::inherit_names(tree, entry))
            out.push_back(
                {nixsyntax::attr_name(tree, name).value_or(""), {&tree, name}, {{&tree, name}, {}}, own, false, {}});
        if (tree.is(entry, Kind::binding)) out.push_back(member_of({&tree, entry}, own));
    }
    return true;
}

/// One binding of a set literal.
Member Values::member_of(Ref binding, const Bound& bound) {
    const Tree& tree = *binding.tree;
    const auto names = tree.children(nixsyntax::binding_path(tree, binding.id));
    auto name = nixsyntax::attr_name(tree, names[0]);
    if (!name && tree.is(names[0], Kind::interpolation)) name = text_of({&tree, tree.child(names[0], 0)}, bound);
    else if (!name) name = text_of({&tree, names[0]}, bound);
    Member out{name.value_or(std::string(tree.text(names[0]))), {&tree, names[0]}, {}, bound, false, {}};
    if (!name) out.cannot = "the text does not tell its name";
    else if (names.size() > 1) out.cannot = "its attributes are set one by one";
    else out.given.value = {&tree, nixsyntax::binding_value(tree, binding.id)};
    return out;
}

bool Values::elements(Ref list, const Bound& bound, std::vector<Element>& out) {
    const Deeper deeper(*this);
    if (!deeper.ok() || !list || out.size() > kMost) return false;
    Bound own = bound;
    const Ref value = value_of(list, own);
    const Tree& tree = *value.tree;
    if (tree.is(value.id, Kind::binary) && tree.op(value.id) == TokenKind::concat) {
        const bool left = elements({&tree, tree.child(value.id, 0)}, own, out);
        return elements({&tree, tree.child(value.id, 1)}, own, out) && left;
    }
    if (tree.is(value.id, Kind::apply)) return Builtins(*this, value, own).elements(out);
    if (!tree.is(value.id, Kind::list)) return false;
    for (const NodeId child : tree.children(value.id)) {
        if (out.size() > kMost) return false;
        const Ref at{&tree, child};
        out.push_back({{at, text_of(at, own)}, at, own});
    }
    return true;
}

}  // namespace lf::flake
