// SPDX-License-Identifier: MIT
/// \file
/// \brief Variables that are defined nowhere: Nix refuses them right after parsing, as a pass of its own.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "nixsyntax/tree.h"

namespace lf::nixsyntax {

/// A name that Nix itself defines outside of every file: `import`, `__add`, `builtins` …, and `__curPos`. Those that
/// need an experimental feature are known too.
bool is_global(std::string_view name);

/// The identifiers, and names of `inherit a;`, that no let, rec set or function around them defines, that no `with` may
/// define and that are no global; in the order of the text.
std::vector<NodeId> undefined_variables(const Tree& tree);

/// The same, place by place with resolve(): slow for many names; for tests, which compare the two.
std::vector<NodeId> unresolved_variables(const Tree& tree);

/// Error "nix-undefined", at the first of them: "undefined variable 'a'".
Done check_variables(const Tree& tree);

}  // namespace lf::nixsyntax
