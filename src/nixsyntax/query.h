// SPDX-License-Identifier: MIT
/// \file
/// \brief Questions that an editor of flakes asks a tree.
///
/// All functions take ids of nodes of the same tree; where an id may be kNone it says so. None recurses.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

// ---- looking through what does not change a value ------------------------------------------------------------------

/// `id` without the parentheses around it.
NodeId strip_parens(const Tree& tree, NodeId id);
/// The expression that gives the value: through parentheses, `with x;`, `assert x;` and `let … in`.
NodeId result_of(const Tree& tree, NodeId id);
/// The operands of a `++` chain in order, parentheses, `with`, `assert` and `let` looked through, as in
/// `with pkgs; [ a ] ++ (x ++ [ b ])` → `[ a ]`, `x`, `[ b ]`. Any other expression is its own single operand.
std::vector<NodeId> list_operands(const Tree& tree, NodeId id);
/// Those operands that are list literals.
std::vector<NodeId> list_literals(const Tree& tree, NodeId id);
/// The function and arguments of a call, parentheses around the function looked through: `(f a) b` → f, a, b.
/// A single element if `id` is no call.
std::vector<NodeId> call_parts(const Tree& tree, NodeId id);

// ---- strings and names ---------------------------------------------------------------------------------------------

/// The value of a string, indented string (indentation stripped as Nix does) or URL without interpolations.
std::optional<std::string> constant_string(const Tree& tree, NodeId id);
/// The name that a name, string or `${"constant"}` node of an attribute path stands for; nullopt if it is dynamic.
std::optional<std::string> attr_name(const Tree& tree, NodeId id);
/// The parts of an attr_path; nullopt if one is dynamic.
std::optional<std::vector<std::string>> attr_path(const Tree& tree, NodeId attr_path);
/// `a.b.c` (a select without default on an identifier) or `a` as its parts; nullopt for anything else.
std::optional<std::vector<std::string>> dotted_name(const Tree& tree, NodeId id);
/// "a.b" → a, b. For literals in callers; knows no quotes.
std::vector<std::string> path_parts(std::string_view dotted);

// ---- sets, let, bindings -------------------------------------------------------------------------------------------

/// The binding and inherit nodes of a set, legacy_let or let; empty for other kinds.
std::span<const NodeId> entries(const Tree& tree, NodeId id);
NodeId binding_path(const Tree& tree, NodeId binding);
NodeId binding_value(const Tree& tree, NodeId binding);
/// The source (a parens node) of an inherit node or kNone.
NodeId inherit_source(const Tree& tree, NodeId inherit);
/// The name and string nodes of an inherit node.
std::span<const NodeId> inherit_names(const Tree& tree, NodeId inherit);

enum class Match : std::uint8_t {
    exact,   ///< the binding defines just this path
    deeper,  ///< the binding defines something below it (`inputs.x.url = …;` for inputs.x)
    opaque,  ///< the binding defines a part of the path with a value that is no set literal (`inputs = import
             ///< ./i.nix;`)
};

struct Found {
    Match match = Match::exact;
    NodeId entry = kNone;     ///< the binding or inherit node
    NodeId value = kNone;     ///< the binding's value; kNone for an inherit
    NodeId name = kNone;      ///< the node that names the last part of the path that was matched
    NodeId set = kNone;       ///< the set literal (or let) in which the entry stands
    std::size_t matched = 0;  ///< so many parts of the path are matched (all, unless opaque)
};

/// All bindings below `set` (set, legacy_let or let; parentheses looked through) that contribute to `path`, in the
/// order of the text: `inputs.x.url = …;`, `inputs = { x = { … }; };` and `inherit (y) inputs;` alike. Values are
/// looked through by parentheses only. Dynamic attributes match nothing. Empty if `set` is another kind.
std::vector<Found> find_bindings(const Tree& tree, NodeId set, std::span<const std::string> path);
std::vector<Found> find_bindings(const Tree& tree, NodeId set, std::string_view dotted);
/// The value of the first exact match, or kNone.
NodeId find_value(const Tree& tree, NodeId set, std::string_view dotted);

// ---- functions -----------------------------------------------------------------------------------------------------

struct Lambda {
    NodeId argument = kNone;  ///< the name node: x in `x: e`, `x@{ }: e`, `{ }@x: e`
    NodeId formals = kNone;
    NodeId body = kNone;
};

/// The parts of a lambda; all kNone for other kinds (parentheses are looked through).
Lambda lambda_parts(const Tree& tree, NodeId id);
/// The formal node of this name or kNone.
NodeId find_formal(const Tree& tree, NodeId formals, std::string_view name);
/// The body below all lambdas: `a: { b }: e` → e.
NodeId innermost_body(const Tree& tree, NodeId id);

// ---- scopes --------------------------------------------------------------------------------------------------------

enum class Scope : std::uint8_t {
    none,      ///< not defined in this file and under no `with`: a global such as `import`, or an error
    let,       ///< by a binding or inherit of let … in or let { }
    rec_set,   ///< by a binding or inherit of rec { }
    formal,    ///< by a formal of a lambda
    argument,  ///< by the argument of a lambda (`x:` or `@x`)
    with,      ///< not lexically; a `with` around it may define it
};

struct Definition {
    Scope scope = Scope::none;
    NodeId owner = kNone;    ///< the let, set, lambda or (innermost) with node
    NodeId definer = kNone;  ///< the first binding or inherit node, formal node or name node; kNone for with and none
    NodeId value =
        kNone;  ///< the value if one binding `name = value;` defines it; else kNone (ask find_bindings(owner))
};

/// What defines the identifier `id`, lexically: the innermost let, rec set or lambda around it; only then `with`.
/// Also for a name in `inherit a;` without source, which is a use of the variable around the set.
Definition resolve(const Tree& tree, NodeId id);
/// The same for `name` as if it stood in the place of `id`.
Definition resolve(const Tree& tree, NodeId id, std::string_view name);
/// The expression that an expression stands for: parentheses, and identifiers bound by a plain let or rec binding,
/// followed until something else (at most 64 steps); `id` itself if nothing is to be followed.
NodeId follow(const Tree& tree, NodeId id);

/// The innermost node whose span contains `offset`; the root where none does.
NodeId node_at(const Tree& tree, std::uint32_t offset);
/// The nearest ancestor (or `id` itself) of this kind, or kNone.
NodeId enclosing(const Tree& tree, NodeId id, Kind kind);

}  // namespace lf::nixsyntax
