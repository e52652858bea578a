// SPDX-License-Identifier: MIT
/// \file
/// \brief What the items of a package list are: plain names, which can be replaced, or choices of the owner.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "flake/layout.h"
#include "flake/steps.h"

namespace lf::flake {

/// The items of lists below `value` that are llama.cpp: where a name of a let is one, what it stands for; and what
/// lib.optional gives. `more` are further names of it in pkgs.
std::vector<NodeId> llama_items(const Tree& tree, NodeId value, const std::map<std::string, std::string>& more = {});
/// `with pkgs;` around the node.
bool with_pkgs(const Tree& tree, NodeId node);
/// Can `pkgs.x` stand there?
bool sees_pkgs(const Tree& tree, NodeId node);
/// How this place names a package of pkgs; "" = it cannot.
std::string name_at(const Tree& tree, NodeId place, const std::string& package);
/// `llama-cpp` or `pkgs.llama-cpp`: the node of the name alone; kNone for all longer forms.
NodeId plain_name(const Tree& tree, NodeId item);
/// The plain item that is the package, or else says llama-cpp, or else the first plain one; kNone if none is plain.
NodeId chosen_item(const Tree& tree, const std::vector<NodeId>& items, const std::string& package);
/// Does it name llama.cpp of another instance of nixpkgs, `unstable.llama-cpp`, without a change of its own? Or is it
/// an override, of any instance, that only says which backend it is for, and is that the one of `package`?
bool can_become(const Tree& tree, NodeId item, const std::string& package);
/// Is it an override of just this package of pkgs, with arguments that the official package has?
bool is_fitting_override(const Tree& tree, NodeId item, const std::string& package);
/// The arguments of an override, `x.override { … }`.
struct OverrideArguments {
    bool literal = false;                 ///< the text tells them
    std::vector<std::string> translated;  ///< "cudaSupport is useCuda": nixpkgs' names, which the overlay understands
    std::vector<std::string> refused;     ///< those that the official package does not have, by any name
};
OverrideArguments override_arguments(const Tree& tree, NodeId item);
/// Is it an override of pkgs.llama-cpp, or of the package, that evaluates with the overlay as it stands?
bool can_stay(const Tree& tree, NodeId item, const std::string& package);
/// Notes the owner's overrides of llama.cpp in a file, after packages were chosen; those that cannot stay are the
/// owner's work.
void look_at_overrides(Work& work, const Tree& tree, const std::string& package);
/// What could stand in the place of an owner's own choice: its override carried over to `package`, or the package.
std::string in_its_place(const Tree& tree, NodeId item, const std::string& package);
/// Why such an item is left to the owner: what it is, and which of its arguments have another name.
std::string why_own_choice(const Tree& tree, NodeId item, const std::string& package);
/// Its text on one line, shortened: for notes.
std::string shown_item(const Tree& tree, NodeId item);
/// Does it discard every other definition: `lib.mkForce x`, `mkOverride 50 x`?
bool is_forced(const Tree& tree, NodeId value);
/// The literal lists that a value of a list option is made of, looked through mkForce, mkOverride, mkBefore, mkAfter.
std::vector<NodeId> option_literals(const Tree& tree, NodeId value);

}  // namespace lf::flake
