// SPDX-License-Identifier: MIT
/// \file
/// \brief The steps of fit(), each on the text that the steps before it have left. Only fit.cc calls them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "flake/fit.h"
#include "flake/layout.h"
#include "flake/outline.h"
#include "flake/reach.h"
#include "flake/site_modules.h"

namespace lf::flake {

struct Work {
    const FitRequest& request;
    Sources& sources;
    std::set<std::string> hosts;  ///< to be fitted: they have a plan and were not left out
    std::string overlay;          ///< path of the overlay file: "nixos/overlays/llama-cpp.nix"
    std::string input = "llama-cpp";
    std::string input_text;  ///< the input that was added, for those who have to do it by hand; "" = it was there
    std::uint32_t input_line = 0;
    std::string formal;  ///< the argument that was added to outputs; "" = none was needed
    std::uint32_t formal_line = 0;
    std::set<std::string> done_by_hand;             ///< hosts for which somebody imports the overlay already
    std::map<std::string, std::string> lost_names;  ///< packages that only a removed file defined → that file
    std::vector<Instruction> instructions;
    std::vector<std::string> notes;
    std::optional<Pinned> pinned = std::nullopt;
    bool superseded = false;  ///< an overlay of the owner's was taken out of a module

    /// The package that the plan of a host selects: "llama-cpp-cuda".
    const std::string& package(const std::string& host) const { return request.plans.at(host).build.package; }
    /// `at` may be kNone: somewhere in the file.
    void by_hand(const Tree& tree, NodeId at, std::string text, std::string why);
    void note(std::string text);
};

/// Does a path literal in `file` lead to the Nix file `named`?
bool names_file(Sources& sources, const std::string& file, const std::string& named);

/// Where the overlay file is, or would be put by the owner: beside other overlays.
std::string overlay_place(Sources& sources);
/// Where it is put if a file of the owner's stands there: "overlays/llama-fleet.nix".
std::string second_overlay_name(const std::string& overlay);

/// Step 4 of the guide, first because it makes room: an overlay file that only redefines llama-cpp goes, with what
/// refers to it.
Done clean_up(Work& work);
/// When all else is done: what still defines llama-cpp is noted, and whoever uses a package that went with an old file
/// is told.
void check_left(Work& work);
/// The owner's other definitions of llama-cpp, in overlays that stand in modules and in packageOverrides, and the
/// registration of the official overlay: they would hide ours, or be hidden by it.
Done take_out_superseded(Work& work);
/// Step 1: the input, and the argument for it where outputs has a closed set of them.
Done add_input(Work& work);
/// fit --pin: the revision of that input.
Done pin_input(Work& work);
/// Functions in other files that make hosts, and have no name for the inputs, get one where that is certain.
Done carry_inputs(Work& work);
/// Step 2: the overlay file, its binding, its place in every host's overlays.
Done register_overlay(Work& work);
/// The same in Home Manager's package set, where it has its own and llama.cpp is in home.packages.
Done reach_homes(Work& work);
/// Step 3: the package of each host in its list.
Done choose_packages(Work& work);
/// Do modules below the node set pkgs itself, so that nixpkgs.overlays is ignored: _module.args.pkgs, readOnlyPkgs?
bool makes_own_pkgs(const Tree& tree, NodeId node);
/// References to llama.cpp of another instance of nixpkgs, outside lists of packages.
Done find_foreign(Work& work);
/// The predicate for CUDA's licences, for hosts where evaluation said no.
Done permit_cuda(Work& work);

/// The predicate as text to paste.
std::string cuda_predicate_text();

/// For hosts that cannot be edited: what to paste, unless they are done by hand. `why` says what stood in the way.
void explain_by_hand(Work& work, const Outline& outline, const Reach& reach, const std::string& host,
                     const std::string& why);
/// The same where nixpkgs.overlays is ignored, because the host's pkgs is made elsewhere.
void explain_foreign_pkgs(Work& work, const Outline& outline, const std::string& host, Ref at);
/// The same for the package, where a list is forced (mkForce) and cannot be edited.
void explain_forced_list(Work& work, const Tree& tree, NodeId value, const std::string& package);
/// Adds a formal to `{ … }:`, as its neighbours stand.
void add_formal(const Tree& tree, NodeId formals, const std::string& name, nixsyntax::EditSet& edits);
/// The lines of the input as they would be put into `inputs`.
std::string input_lines(std::string_view prefix, const std::string& follows);

/// What llama-cpp's package is called in an expression: `llama-cpp`, `pkgs.llama-cpp-cuda`,
/// `(llama-cpp.override { … })`, `inputs.llama-cpp.packages.${system}.cuda`.
bool is_llama_package(const Tree& tree, NodeId expression);

/// The input whose lib.nixosSystem builds the hosts and which llama.cpp therefore should follow; "" = none.
std::string nixpkgs_input(const Outline& outline, const std::set<std::string>& hosts);

/// The set that a module is: through parentheses, lambdas, let; kNone if it is none (a path).
NodeId module_set(const Tree& tree, NodeId module);

}  // namespace lf::flake
