// SPDX-License-Identifier: MIT
/// \file
/// \brief The module file in which a person would write down what one machine has. Internal to the steps.
#pragma once

#include <string>

#include "flake/reach.h"
#include "flake/steps.h"

namespace lf::flake {

/// The file that is named for the host, or that says who the machine is, or its first module; a module of this host
/// alone in any case. "" = none is. Never one that is about one service, however much it is the host's alone.
std::string main_file(const Work& work, const Outline& outline, const Reach& reach, std::size_t host);

/// Is this list one of a machine's packages in general, and not what goes with one thing that the file is about?
bool is_general_list(const Tree& tree, NodeId value);

/// Gives a module file without a list of packages one with this package, and the argument `pkgs` where it lacks it.
/// False where that would not be certain, or not be what a person does.
bool add_package_list(const Tree& tree, const std::string& package, nixsyntax::EditSet& edits);

}  // namespace lf::flake
