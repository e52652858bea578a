// SPDX-License-Identifier: MIT
/// \file
/// \brief What Nix is on a machine, by its files: nothing is run.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

inline constexpr std::string_view kNixConf = "/etc/nix/nix.conf";

/// The files that the lines "include" and "!include" of a nix.conf at `path` name (nix.conf(5)), as absolute paths.
std::vector<std::string> included_nix_files(std::string_view text, const std::string& path);

/// "/nix/store/<32 letters>-nix-2.34.8/bin/nix" → "2.34.8"; nullopt for names without a version.
std::optional<std::string> version_of_store_path(std::string_view path);

/// allowUnfree as written in the text of a nixpkgs configuration: "true", "false", "unclear" (it is computed, or said
/// in several ways), nullopt if it is not mentioned. Comments do not count.
std::optional<std::string> allow_unfree_in(std::string_view config);

/// nix_version, nix_system_features, nixos_channel and nixos_generation of `environment`.
void read_nix(const FileSource& files, facts::Environment& environment);

}  // namespace lf::probe
