// SPDX-License-Identifier: MIT
/// \file
/// \brief Whether a module sets an option in any case, as far as its text tells.
#pragma once

#include <string>
#include <vector>

#include "flake/meaning.h"

namespace lf::flake {

/// Does the module that starts at `module` (a file's root, or an element of `modules`) define just this option by
/// `binding`, whatever else is configured? Not below mkIf or `if`, not for another system (containers, specialisation),
/// not in a let whose use is not followed.
bool always_defines(const Tree& tree, NodeId module, NodeId binding, const std::vector<std::string>& option);

}  // namespace lf::flake
