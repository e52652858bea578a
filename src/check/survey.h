// SPDX-License-Identifier: MIT
/// \file
/// \brief What a flake has of llama.cpp, asked by evaluation and without a plan: for judging any owner's flake.
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

/// A llama.cpp that a host gets.
struct SurveyPackage {
    std::string where;     ///< "environment.systemPackages", "users.users.ada.packages", "services.llama-cpp.package",
                           ///< "home-manager.users.ada.home.packages"
    std::string name;      ///< of the derivation
    std::string pname;     ///< "" = it has none
    std::string drv_path;  ///< "" = the derivation throws
    PackageFacts facts;
    bool official_arguments = false;       ///< .override takes useCuda: the package of the official flake
    bool nixpkgs_arguments = false;        ///< .override takes cudaSupport: the package of nixpkgs
    std::string version;                   ///< as facts.version
    std::vector<std::string> overridable;  ///< all names that .override takes; empty = it tells none
};

struct HostSurvey {
    std::string host;
    bool present = false;  ///< an attribute of nixosConfigurations
    bool usable = false;   ///< its package set evaluates
    /// What ended the evaluation of this host, or, where it is usable, of a part of it: that part is then empty.
    std::optional<NixFailure> failure;
    std::vector<SurveyPackage> packages;
    std::optional<bool> cuda_support;  ///< pkgs.config.cudaSupport
    std::optional<bool> rocm_support;
    std::optional<std::string> system;              ///< pkgs.stdenv.hostPlatform.system: "x86_64-linux"
    std::optional<std::string> gcc_arch;            ///< pkgs.stdenv.hostPlatform.gcc.arch
    std::optional<bool> memory_deny_write_execute;  ///< of the service llama-cpp, where it is there
    std::map<std::string, bool> evaluates;  ///< of llama-cpp, -cuda, -rocm, -vulkan those there: does drvPath evaluate?
    std::map<std::string, NixFailure> evaluation_failures;  ///< what Nix said of those asked one by one
    std::vector<std::string> llama_attributes;              ///< names in pkgs that begin with "llama"
};

/// One evaluation for all nixosConfigurations, or for the hosts of the request where it names any. If it fails, one for
/// each host, and of a host that fails one for each part, so that no part hides another. In the order of the request,
/// else of the names. Errors: as check(), "nix-missing" and "nix-too-old" with Nix::find.
Result<std::vector<HostSurvey>> survey(const CheckRequest& request, Nix& nix);

/// Reads what survey.nix gives, and a list of names. Error: "nix-answer". Used inside check/ only.
Result<std::map<std::string, HostSurvey>> read_survey(std::string_view json);
Result<std::vector<std::string>> read_names(std::string_view json);

}  // namespace lf::check
