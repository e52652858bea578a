// SPDX-License-Identifier: MIT
/// \file
/// \brief The `modules` of a site: where a module is added to them.
#pragma once

#include <string>
#include <vector>

#include "flake/layout.h"
#include "flake/outline.h"

namespace lf::flake {

/// The literal lists of a site's `modules`, in order, in the site's file; those that a name of this one site stands for
/// too.
std::vector<NodeId> module_lists(const Site& site);

/// Where one more module goes: into a literal list, or behind an expression as `… ++ [ … ]`.
struct ModulesEnd {
    NodeId list = kNone;
    NodeId expression = kNone;
    NodeId inherited = kNone;  ///< the name in `inherit modules;`, which becomes a binding

    explicit operator bool() const { return list != kNone || expression != kNone || inherited != kNone; }
    /// A node that sees what the new module sees.
    NodeId place(const Site& site) const {
        return list != kNone ? list : expression != kNone ? expression : site.arguments.id;
    }
};
ModulesEnd modules_end(const Site& site);
/// The last literal list that only this host gives the function that makes it, as modules: `[ ./carbon.nix ]` in
/// `mkHost "carbon" [ ./carbon.nix ]`. Nothing if there is none.
Ref own_module_list(const Outline& outline, std::size_t host);
/// The set that only this host gives that function, and the name of a list of modules that it could have there, and
/// has not: `extraModules ? [ ]`. Nothing if there is none.
struct NewList {
    Ref set;
    std::string name;
};
NewList new_module_list(const Outline& outline, std::size_t host);
/// Adds the module; there must be an end.
void add_to_modules(const Site& site, const Block& module, nixsyntax::EditSet& edits);

}  // namespace lf::flake
