// SPDX-License-Identifier: MIT
/// \file
/// \brief Which repository an input of a flake is, in whatever form its address is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "nixsyntax/tree.h"

namespace lf::flake {

/// "owner/repo" in small letters (the forges do not mind case) of `github:Owner/repo/ref?…`, of the path of a web
/// address (`git+https://host/owner/repo.git`, `https://host/owner/repo/archive/…`) and of FlakeHub's; nullopt where
/// the address names no repository: a path, a name of the registry.
std::optional<std::string> repository_of(std::string_view address);

/// The same for the input of this name below `root`, flake.nix's outermost set: by its `url`, or by its `owner` and
/// `repo`. Comments and what else is said of the input do not count.
std::optional<std::string> input_repository(const nixsyntax::Tree& tree, nixsyntax::NodeId root,
                                            const std::string& input);

}  // namespace lf::flake
