// SPDX-License-Identifier: MIT
/// \file
/// \brief Putting a question to `nixosConfigurations` and reading the answer. Used inside check/ only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "check/nix_command.h"
#include "check/package_facts.h"

namespace lf::check {

/// `nix eval` of nixosConfigurations with `function` applied, for the folder, overrides and limits of the request.
NixCall evaluation(const CheckRequest& request, const std::string& function);

/// A folder as a flake reference that means this folder alone, whatever repository it lies in: "path:/my%20fleet".
std::string path_reference(std::string_view folder);

/// The words that override the inputs: "--override-input", NAME, REFERENCE, …
std::vector<std::string> override_words(const CheckRequest& request);

/// A cause that lies in the flake as a whole: what fails in one host fails in all.
bool lies_in_the_flake(NixCause cause);

/// The folder is there and holds a flake.nix. Error "flake-missing".
Done require_flake(const std::string& folder);

/// What one evaluation is to tell about a host.
struct Wanted {
    std::string host;
    std::vector<std::string> packages;
    bool installed = true;
    bool sources = false;  ///< also the CMake files of the packages' sources
};

/// A question to be applied to what is wanted: parts.nix is filled in.
std::string with_parts(std::string_view question);

/// question.nix with `wanted` filled in.
std::string question_text(const std::vector<Wanted>& wanted);

struct PackageAnswer {
    bool found = false;
    std::optional<PackageFacts> facts;  ///< nullopt: reading them threw
    std::optional<std::string> drv;     ///< nullopt: the derivation throws
    std::vector<std::string> outputs;   ///< their store paths; empty: they throw
    std::optional<NixFailure> failure;  ///< asked alone, Nix failed
};

struct HostAnswer {
    bool present = false;  ///< an attribute of nixosConfigurations
    bool usable = false;   ///< its package set evaluates
    std::map<std::string, PackageAnswer> packages;
    std::optional<std::vector<Installed>> installed;  ///< nullopt: could not be read
    std::optional<NixFailure> failure;                ///< of the host as a whole
    std::optional<NixFailure> installed_failure;
};

/// The error "nix-answer": what Nix put out is not what was asked for.
Error not_understood(Error cause);

using SourceFiles = std::map<std::string, std::string>;  ///< path in the source → text

struct Answer {
    std::map<std::string, HostAnswer> hosts;
    std::map<std::string, SourceFiles> sources;  ///< by PackageFacts::source; only those that have CMake files
};

/// Reads what question.nix gives. Errors: "nix-answer" for anything else.
Result<Answer> read_answer(std::string_view json);

}  // namespace lf::check
