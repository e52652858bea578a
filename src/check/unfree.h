// SPDX-License-Identifier: MIT
/// \file
/// \brief Does the owner's configuration allow CUDA, whose licences are unfree? Asked by evaluation, never decided
/// here.
#pragma once

#include <map>
#include <string>

#include "check/check.h"
#include "check/nix_command.h"

namespace lf::check {

enum class Unfree : std::uint8_t { allowed, refused, cannot_tell };

struct UnfreeAnswer {
    Unfree verdict = Unfree::cannot_tell;
    std::string package;  ///< the refused one: "cuda_nvcc-12.8.93"
    std::string why;      ///< for cannot_tell
};

/// For every host of the request: the parts of CUDA that llama.cpp is built with (pkgs.cudaPackages), so that it can be
/// asked before the flake is fitted; llama-cpp-cuda where there are none. Errors as check().
Result<std::map<std::string, UnfreeAnswer>> ask_unfree(const CheckRequest& request, Nix& nix);

/// A Nix function `pkg: …` that allows a package only if each of its licences is free or one of CUDA's ("CUDA EULA",
/// "cuDNN EULA"). `meta.license` may be a set or a list. Several lines, two blanks of indentation, no newline at the
/// end.
std::string cuda_predicate();

/// The same as a line of a NixOS module: "nixpkgs.config.allowUnfreePredicate = pkg: …;", indented by `indent`.
std::string cuda_predicate_setting(const std::string& indent);

}  // namespace lf::check
