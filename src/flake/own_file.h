// SPDX-License-Identifier: MIT
/// \file
/// \brief A host's own module file: the one that its overlay is registered in where the function that makes the host
/// cannot be edited for all.
#pragma once

#include <optional>
#include <string>

#include "flake/inputs_view.h"
#include "flake/reach.h"
#include "flake/steps.h"

namespace lf::flake {

struct OwnFile {
    const Tree* tree = nullptr;
    NodeId set = kNone;      ///< what the module defines
    NodeId list = kNone;     ///< of nixpkgs.overlays, where the file has one
    NodeId nixpkgs = kNone;  ///< `nixpkgs = { … }`, where the file has that and no list
    InputsView inputs;       ///< by what name the module gets them, in specialArgs
};

/// The file that is a module of this host alone in any case, and named for it or the only one; nothing where the inputs
/// do not reach it for certain, or where it is no place for a list of overlays.
std::optional<OwnFile> own_file(const Work& work, const Outline& outline, const Reach& reach, std::size_t host);

/// Is the name of the host a folder or the stem of the path?
bool is_named_for(std::string_view path, std::string_view host);
/// A file that a tool writes anew.
bool is_hardware_file(const std::string& path);
/// The last binding of a module that is not the stateVersion at the end of so many files; kNone if there is none.
NodeId last_but_state_version(const Tree& tree, NodeId set);

/// Registers the overlay there.
void register_in(const Work& work, const OwnFile& file, const std::string& host, nixsyntax::EditSet& edits);

}  // namespace lf::flake
