// SPDX-License-Identifier: MIT
/// \file
/// \brief A flake as an editor sees it: inputs, outputs, hosts, and the calls of nixosSystem that make them.
///
/// Whatever can stand in another file than flake.nix is named by a Ref. Trees, and with them an outline, are valid
/// until a file is edited.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "flake/fleet.h"
#include "flake/meaning.h"
#include "flake/sources.h"
#include "flake/values.h"

namespace lf::flake {

inline constexpr std::size_t kNoSite = static_cast<std::size_t>(-1);

/// One set literal that nixosSystem is called with. It makes one host, or (in a helper, in a generator) several.
struct Site {
    Ref arguments;
    std::string nixpkgs;             ///< the input whose lib.nixosSystem is called; "" = the text does not tell
    std::vector<std::size_t> hosts;  ///< indices into Outline::hosts
    bool shared = false;             ///< stands in a function, so that its text is every host's

    const Tree& tree() const { return *arguments.tree; }
    const std::string& file() const { return arguments.tree->file(); }
};

struct OutlineHost {
    std::string name;
    Ref at;  ///< the node that names it
    Pattern pattern = Pattern::other;
    std::size_t site = kNoSite;
    Bound bound;               ///< what the functions between the host and its site were given
    std::string cannot;        ///< why there is no site that we could edit
    std::string extends = {};  ///< the host that it is more modules of: `self.nixosConfigurations.carbon.extendModules`
};

/// A member of nixosConfigurations that cannot be a host: `modules = [ … ];`.
struct PlainData {
    std::string name;
    Ref at;                 ///< the node that names it
    std::string_view what;  ///< "a list"
};

struct Outline {
    const Tree* tree = nullptr;       ///< of flake.nix
    NodeId root = kNone;              ///< its outermost set
    Ref outputs;                      ///< the lambda
    NodeId formals = kNone;           ///< of the lambda, in its file; may be kNone
    std::string argument;             ///< `inputs` in `inputs:` and `{ … }@inputs:`; "" = there is none
    NodeId body = kNone;              ///< of the lambda, in its file
    std::shared_ptr<Values> values;   ///< what its expressions stand for
    std::vector<std::string> inputs;  ///< names, in the order of the text
    std::vector<OutlineHost> hosts;   ///< in the order of the text
    std::vector<Site> sites;
    std::vector<PlainData> plain_data;
    bool hosts_elsewhere = false;  ///< there is a nixosConfigurations whose hosts are not in this file
    std::string framework;         ///< what makes the hosts where none is found: a framework, or "another file"
};

/// Reads flake.nix. Errors: as read_fleet().
Result<Outline> read_outline(Sources& sources);

/// The names of the inputs, dotted ones and nested ones alike.
std::vector<std::string> input_names(const Tree& tree, NodeId root);

/// Finds the hosts below the outputs: fills hosts and sites. `bound` is what the way to the outputs was given.
void find_hosts(Outline& outline, const Bound& bound);

}  // namespace lf::flake
