// SPDX-License-Identifier: MIT
#include "flake/values.h"

#include <algorithm>
#include <utility>

#include "flake/values_deeper.h"

namespace lf::flake {
namespace {

using nixsyntax::Match;
using nixsyntax::Scope;
using nixsyntax::TokenKind;

// Names may be defined by each other; a person follows fewer steps than this.
constexpr int kMaxSteps = 64;
constexpr std::size_t kMaxImports = 500;

/// The node of `name` among those that an inherit lists.
NodeId inherited_name(const Tree& tree, NodeId inherit, std::string_view name) {
    for (const NodeId listed : nixsyntax::inherit_names(tree, inherit))
        if (nixsyntax::attr_name(tree, listed) == name) return listed;
    return kNone;
}

bool is_inherited(Ref at) { return at.tree->is(at.tree->parent(at.id), Kind::inherit); }

bool has_dynamic_names(const Tree& tree, NodeId set) {
    const auto all = nixsyntax::entries(tree, set);
    return std::any_of(all.begin(), all.end(), [&](NodeId entry) {
        return tree.is(entry, Kind::binding) &&
               !nixsyntax::attr_name(tree, tree.child(nixsyntax::binding_path(tree, entry), 0));
    });
}

/// Is it a set of modules, or one that nobody can look into?
bool takes_modules(const Tree& tree, NodeId argument) {
    const NodeId set = nixsyntax::strip_parens(tree, argument);
    return !tree.is(set, Kind::set) || has_dynamic_names(tree, set) ||
           !nixsyntax::find_bindings(tree, set, "modules").empty();
}

}  // namespace

bool Values::is_import(Ref function) {
    const auto name = nixsyntax::dotted_name(*function.tree, function.id);
    if (name == std::vector<std::string>{"builtins", "import"}) return true;
    return name == std::vector<std::string>{"import"} &&
           nixsyntax::resolve(*function.tree, function.id).definer == kNone;
}

Ref Values::value_of(Ref at, Bound& bound) {
    const Deeper deeper(*this);
    for (int i = 0; at && deeper.ok() && i < kMaxSteps; ++i) {
        at.id = nixsyntax::result_of(*at.tree, at.id);
        const Ref next = step(at, bound);
        if (!next) return at;
        at = next;
    }
    gave_up_ = gave_up_ || (at && at.tree->is(at.id, Kind::apply));
    return at;
}

Ref Values::step(Ref at, Bound& bound) {
    if (is_inherited(at)) return look_up(at, bound);
    switch (at.tree->kind(at.id)) {
        case Kind::identifier: return look_up(at, bound);
        case Kind::select: return selected(at, bound);
        case Kind::apply: return called(at, bound);
        case Kind::conditional: {
            const auto holds = truth_of({at.tree, at.tree->child(at.id, 0)}, bound);
            return holds ? Ref{at.tree, at.tree->child(at.id, *holds ? 1 : 2)} : Ref{};
        }
        default: return {};
    }
}

Ref Values::look_up(Ref at, Bound& bound) {
    const Tree& tree = *at.tree;
    const NodeId inherit = tree.parent(at.id);
    const std::string name = nixsyntax::attr_name(tree, at.id).value_or(std::string(tree.text(at.id)));
    if (is_inherited(at) && nixsyntax::inherit_source(tree, inherit) != kNone)
        return find({&tree, nixsyntax::inherit_source(tree, inherit)}, {name}, bound).value;
    const nixsyntax::Definition definition = nixsyntax::resolve(tree, at.id);
    if (const auto it = bound.values.find({&tree, definition.definer}); it != bound.values.end()) return it->second;
    if (definition.value != kNone) return {&tree, definition.value};
    if (tree.is(definition.definer, Kind::inherit)) {
        const NodeId listed = inherited_name(tree, definition.definer, name);
        return listed == at.id ? Ref{} : Ref{&tree, listed};
    }
    if (definition.scope == Scope::with) return find({&tree, tree.child(definition.owner, 0)}, {name}, bound).value;
    return {};
}

Ref Values::selected(Ref at, Bound& bound) {
    const Tree& tree = *at.tree;
    std::vector<std::string> path;
    for (const NodeId part : tree.children(tree.child(at.id, 1))) {
        auto name = nixsyntax::attr_name(tree, part);
        if (!name) name = text_of({&tree, tree.is(part, Kind::interpolation) ? tree.child(part, 0) : part}, bound);
        if (!name) return {};
        path.push_back(std::move(*name));
    }
    const Attribute found = find({&tree, tree.child(at.id, 0)}, path, bound);
    if (found.there == There::absent) return {&tree, tree.child(at.id, 2)};
    return found.value;
}

Ref Values::called(Ref at, Bound& bound) {
    const Tree& tree = *at.tree;
    const auto parts = nixsyntax::call_parts(tree, at.id);
    const std::string_view text = tree.text(parts.front());
    // A wrapper of that name is called like the function of nixpkgs, if it is given what that takes.
    if (text.substr(text.rfind('.') + 1) == "nixosSystem" && takes_modules(tree, parts[1])) return {};
    const std::size_t before = entered_.size();
    Bound given = bound;
    Ref now{&tree, parts.front()};
    if (const Ref known = known_call(parts, at, bound)) return known;
    const bool file = is_import(now) || is_apply_of_file(now, parts.size(), bound);
    if (file) now = imported({&tree, parts[1]}, bound);
    for (std::size_t i = file ? 2 : 1; now && i < parts.size(); ++i) {
        now = apply(now, {{&tree, parts[i]}, {}}, given);
        if (now) entered_.back().file = file;
    }
    if (!now) entered_.resize(before);
    else bound = std::move(given);
    return now;
}

/// `withSystem system (args: …)` of flake-parts gives what the function gives; `lib.makeOverridable f` is f.
Ref Values::known_call(const std::vector<NodeId>& parts, Ref at, Bound& bound) {
    if (parts.size() == 2 && at.tree->text(parts.front()).ends_with("makeOverridable")) return {at.tree, parts[1]};
    if (parts.size() != 3 || at.tree->text(parts.front()) != "withSystem") return {};
    if (nixsyntax::resolve(*at.tree, parts.front()).scope != Scope::formal) return {};
    const std::size_t before = entered_.size();
    const Ref body = apply({at.tree, parts[2]}, {}, bound);
    entered_.resize(before);  // it makes one host and is no helper
    return body;
}

/// `importApply ./x.nix args` of flake-parts.
bool Values::is_apply_of_file(Ref function, std::size_t parts, const Bound& bound) {
    const std::string_view text = function.tree->text(function.id);
    return parts == 3 && text.ends_with("importApply") && function_name(function, bound) == "importApply";
}

Ref Values::imported(Ref path, const Bound& bound) {
    const auto text = text_of(path, bound);
    const auto file = text ? sources_.nix_file(path.tree->file(), *text) : std::nullopt;
    if (!file || (files_.size() >= kMaxImports && !files_.contains(*file))) return {};
    files_.insert(*file);
    const Tree* tree = sources_.tree_or_null(*file);
    return tree == nullptr ? Ref{} : Ref{tree, tree->root()};
}

Ref Values::module_of(Ref at, Bound& bound) {
    const Ref value = value_of(at, bound);
    const Ref file = value ? imported(value, bound) : Ref{};
    return file ? value_of(file, bound) : value;
}

Ref Values::attribute(Ref set, const std::string& name, Bound& bound) { return find(set, {name}, bound).value; }

Values::Attribute Values::find(Ref set, const std::vector<std::string>& path, Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok() || !set) return {};
    if (path.empty()) return {There::found, set};
    const Ref value = value_of(set, bound);
    const Tree& tree = *value.tree;
    if (tree.is(value.id, Kind::set)) return find_in_literal(value, path, bound);
    if (tree.is(value.id, Kind::binary) && tree.op(value.id) == TokenKind::update)
        return find_in_update(value, path, bound);
    if (tree.is(value.id, Kind::apply)) return find_in_extended(value, path, bound);
    // Only what is called so is asked, because asking costs as much as finding.
    if (outputs_ && tree.text(value.id).ends_with("self") &&
        origin(value, bound) == std::vector<std::string>{"inputs", "self"})
        return find_in_outputs(path, bound);
    if (!tree.is(value.id, Kind::identifier)) return {};
    if (!parts_.empty() && tree.text(value.id) == "config" && origin(value, bound) == kConfigOfParts)
        return find_in_parts(path, bound);
    // `let lib.a = …; lib.b = …; in lib.a`
    const nixsyntax::Definition definition = nixsyntax::resolve(tree, value.id);
    if (!tree.is(definition.definer, Kind::binding)) return {};
    std::vector<std::string> whole{std::string(tree.text(value.id))};
    whole.insert(whole.end(), path.begin(), path.end());
    return find_in_literal({&tree, definition.owner}, whole, bound);
}

Values::Attribute Values::find_in_literal(Ref set, const std::vector<std::string>& path, Bound& bound) {
    const Tree& tree = *set.tree;
    work_ -= static_cast<int>(nixsyntax::entries(tree, set.id).size() / 8);
    const auto all = nixsyntax::find_bindings(tree, set.id, path);
    if (all.empty()) return find_dynamic(set, path, bound);
    const nixsyntax::Found& found = all.front();
    if (all.size() > 1 || found.match == Match::deeper) return {};
    const Ref value{&tree, found.value == kNone ? found.name : found.value};
    if (found.match == Match::exact) return {There::found, value};
    return find(value, {path.begin() + static_cast<std::ptrdiff_t>(found.matched), path.end()}, bound);
}

/// `${ns} = …;`, where the text tells the name.
Values::Attribute Values::find_dynamic(Ref set, const std::vector<std::string>& path, Bound& bound) {
    const Tree& tree = *set.tree;
    Attribute out{There::absent, {}};
    if (!has_dynamic_names(tree, set.id)) return out;
    for (const NodeId entry : nixsyntax::entries(tree, set.id)) {
        if (!tree.is(entry, Kind::binding)) continue;
        const Member member = member_of({&tree, entry}, bound);
        if (member.name == path.front() && member.cannot.empty())
            return find(member.given.value, {path.begin() + 1, path.end()}, bound);
        if (!member.cannot.empty()) out.there = There::unknown;
    }
    return out;
}

Values::Attribute Values::find_in_update(Ref update, const std::vector<std::string>& path, Bound& bound) {
    const Ref left{update.tree, update.tree->child(update.id, 0)};
    const Ref right{update.tree, update.tree->child(update.id, 1)};
    const Attribute found = find(right, path, bound);
    if (found.there == There::found) return found;
    // Asked once: `//` nests to the right, and twice at every level would double the work each time.
    const There head = path.size() == 1 ? found.there : find(right, {path.front()}, bound).there;
    return head == There::absent ? find(left, path, bound) : found;
}

/// `self.lib.mkHost`: what the outputs of the flake have, also where flake-parts puts them together.
Values::Attribute Values::find_in_outputs(const std::vector<std::string>& path, Bound& bound) {
    const Ref body = value_of({outputs_.tree, nixsyntax::lambda_parts(*outputs_.tree, outputs_.id).body}, bound);
    const auto parts = nixsyntax::call_parts(*body.tree, body.id);
    if (parts.size() != 3 || !body.tree->text(parts.front()).ends_with("mkFlake")) return find(body, path, bound);
    std::vector<std::string> below{"flake"};
    below.insert(below.end(), path.begin(), path.end());
    const Attribute found = find({body.tree, parts[2]}, below, bound);
    // Its imports may have more.
    return found.there == There::found ? found : Attribute{};
}

/// `config.flake.modules.nixos.carbon`, if just one module of flake-parts says it.
Values::Attribute Values::find_in_parts(const std::vector<std::string>& path, Bound& bound) {
    Attribute only;
    Bound after = bound;
    for (const Ref part : parts_) {
        if (nixsyntax::find_bindings(*part.tree, part.id, path).empty()) continue;
        Bound copy = bound;
        const Attribute found = find_in_literal(part, path, copy);
        if (found.there != There::found) continue;
        if (only.there == There::found) return {};
        only = found;
        after = std::move(copy);
    }
    bound = std::move(after);
    return only;
}

/// `flake-utils.lib.eachDefaultSystem (system: { … })` has the attributes of what the function gives, by system.
Values::Attribute Values::find_in_systems(Ref call, const std::vector<std::string>& path, Bound& bound) {
    const auto parts = nixsyntax::call_parts(*call.tree, call.id);
    const std::string_view text = call.tree->text(parts.front());
    const bool each = (parts.size() == 2 && text.ends_with(".eachDefaultSystem")) ||
                      (parts.size() == 3 && text.ends_with(".eachSystem"));
    if (!each) return {};
    Bound given = bound;
    const Ref body = apply({call.tree, parts.back()}, {}, given);
    return find(body, {path.front()}, given).there == There::absent ? Attribute{There::absent, {}} : Attribute{};
}

/// `lib.extend (final: prev: { … })` and `lib.makeExtensible (self: { … })`: what the function adds.
Values::Attribute Values::find_in_extended(Ref call, const std::vector<std::string>& path, Bound& bound) {
    const auto parts = nixsyntax::call_parts(*call.tree, call.id);
    const std::string_view text = call.tree->text(parts.front());
    const std::string_view name = text.substr(text.rfind('.') + 1);
    if (parts.size() != 2 || (name != "extend" && name != "makeExtensible")) return find_in_systems(call, path, bound);
    Bound given = bound;
    Ref body = apply({call.tree, parts[1]}, {}, given);
    if (name == "extend") body = apply(body, {}, given);
    const Attribute found = find(body, path, given);
    if (found.there != There::found) return {};
    bound = std::move(given);
    return found;
}

Ref Values::apply(Ref function, const Given& given, Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok()) {
        gave_up_ = true;
        return {};
    }
    if (!function) return {};
    const Ref lambda = value_of(function, bound);
    if (!lambda.tree->is(lambda.id, Kind::lambda) || !bind(lambda, given, bound)) return {};
    entered_.push_back({});
    return {lambda.tree, nixsyntax::lambda_parts(*lambda.tree, lambda.id).body};
}

bool Values::bind(Ref lambda, const Given& given, Bound& bound) {
    const nixsyntax::Lambda parts = nixsyntax::lambda_parts(*lambda.tree, lambda.id);
    if (parts.argument != kNone && !give({lambda.tree, parts.argument}, given, bound)) return false;
    return parts.formals == kNone || !given.value || bind_formals({lambda.tree, parts.formals}, given.value, bound);
}

bool Values::bind_formals(Ref formals, Ref given, Bound& bound) {
    const Tree& tree = *formals.tree;
    bound.values.try_emplace(formals, given);
    if (has_all_inputs(given, bound)) receivers_.insert(formals);
    for (const NodeId formal : tree.children(formals.id)) {
        const std::string name(tree.text(tree.child(formal, 0)));
        const Attribute found = find(given, {name}, bound);
        const Ref otherwise{&tree, tree.child(formal, 1)};
        const Ref value = found.there == There::absent ? otherwise : found.value;
        if (value && !give({&tree, formal}, {value, {}}, bound)) return false;
        if (found.there != There::unknown) continue;
        if (auto path = origin_of_attribute(given, name, bound); !path.empty())
            bound.origins[{&tree, formal}] = std::move(path);
    }
    return true;
}

bool Values::has_all_inputs(Ref set, const Bound& bound) {
    const Deeper deeper(*this);
    if (!deeper.ok()) return false;
    if (origin(set, bound) == std::vector<std::string>{"inputs"}) return true;
    Bound copy = bound;
    const Ref value = value_of(set, copy);
    const Tree& tree = *value.tree;
    if (!tree.is(value.id, Kind::binary) || tree.op(value.id) != TokenKind::update) return false;
    return has_all_inputs({&tree, tree.child(value.id, 0)}, copy) ||
           has_all_inputs({&tree, tree.child(value.id, 1)}, copy);
}

/// Is this what the argument was given before? One function that is called twice on the way to a host would have two
/// answers.
bool Values::same(const Given& now, Ref definer, const Bound& bound) {
    const auto before = bound.values.find(definer);
    const auto text = bound.texts.find(definer);
    if (before == bound.values.end() && text == bound.texts.end()) return true;
    if (text != bound.texts.end()) return now.text == text->second;
    if (!now.value) return false;
    Bound copy = bound;
    if (before->second == now.value || value_of(before->second, copy) == value_of(now.value, copy)) return true;
    const auto path = origin(before->second, bound);
    return !path.empty() && path.front() == "inputs" && path == origin(now.value, bound);
}

bool Values::give(Ref definer, const Given& given, Bound& bound) {
    Given now = given;
    if (now.value)
        if (auto text = text_of(now.value, bound)) now.text = in_file(std::move(*text), now.value, definer);
    if (!same(now, definer, bound)) {
        gave_up_ = true;
        return false;
    }
    if (now.text) bound.texts.try_emplace(definer, *now.text);
    if (now.value) bound.values.try_emplace(definer, now.value);
    return true;
}

}  // namespace lf::flake
