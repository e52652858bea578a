// SPDX-License-Identifier: MIT
/// \file
/// \brief What is said where only the owner's hand can make the edit. Internal to by_hand*.cc.
#pragma once

#include <string>

#include "flake/framework.h"
#include "flake/steps.h"

namespace lf::flake {

/// The text of a module of its own file: overlay and package of one host.
std::string host_module_text(const Work& work, const std::string& host, const std::string& file, InputsAs given);

/// One text, and where it goes.
struct Paste {
    std::string file;  ///< "" = no place is found
    std::uint32_t line = 0;
    std::string text;
    std::string where;  ///< in words, for that line
};
/// How `element` becomes part of the list that `path` names below a set.
Paste into_list(Work& work, const Tree& tree, NodeId set, const std::vector<std::string>& path,
                const std::string& element);

/// The set that the one call of nixosSystem in a file of a host is given: `value = nixosSystem { … }`, or the file's
/// own value; kNone = there is none.
NodeId nixos_system_arguments(const Tree& tree);

/// The same as into_list() for an overlay, and the pkgs that `value` makes: `import nixpkgs { overlays = [ … ]; }`.
Paste into_overlays(Work& work, const Tree& tree, NodeId value, const std::string& element);

/// The package as a module that stands in any list of modules, whatever names there are around it.
std::string package_module(const Work& work, const std::string& host);

/// The instructions for one host of a framework; false = there is nothing better than what is said of any flake.
bool explain_in_framework(Work& work, const Outline& outline, const std::string& host);

/// The same where every file below a folder is a module of flake-parts.
bool explain_in_tree(Work& work, const Outline& outline, const FrameworkUse& use, const std::string& host);

}  // namespace lf::flake
