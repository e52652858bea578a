// SPDX-License-Identifier: MIT
/// \file
/// \brief What an overlay of the owner's held that is lost when it goes: a version, patches, comments. Internal to the
/// steps.
#pragma once

#include "flake/steps.h"

namespace lf::flake {

/// Notes the version and the patches that are set below the node, and retired options with what does their work now.
void note_held(Work& work, const Tree& tree, NodeId node);
/// Notes all that for a file that goes as a whole, its comments and the files that only it names too.
void note_held_by_file(Work& work, const Tree& tree);

}  // namespace lf::flake
