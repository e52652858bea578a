// SPDX-License-Identifier: MIT
/// \file
/// \brief Asking Nix whether the flags of the plans reach the derivations of a flake.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "check/expectation.h"
#include "check/nix_command.h"
#include "plan/plan.h"

namespace lf::check {

struct HostRequest {
    std::string host;                ///< attribute of nixosConfigurations
    std::optional<plan::Plan> plan;  ///< nullopt: nothing to compare with, what is there is only listed
};

struct InputOverride {
    std::string input;  ///< "nixpkgs", "home-manager/nixpkgs"
    std::string flake;  ///< an absolute folder, or any flake reference
};

struct CheckRequest {
    std::string flake;  ///< folder that holds flake.nix
    std::vector<HostRequest> hosts;
    std::vector<InputOverride> overrides;
    bool stand_ins = false;     ///< the overrides are stand-ins: never called passed; nothing is downloaded
    bool offline = false;       ///< everything is at hand: nothing is downloaded (implied by stand_ins)
    bool as_files_lie = false;  ///< evaluate the folder as it lies, not only what git knows
    std::chrono::milliseconds time_limit = std::chrono::minutes(5);  ///< of one evaluation
};

enum class Verdict : std::uint8_t {
    shown,        ///< every flag reaches the derivation
    not_shown,    ///< differences tell which does not
    cannot_tell,  ///< why tells
    not_planned,  ///< this host has no GPU for it
};

struct PackageReport {
    std::string package;  ///< attribute of the host's pkgs: "llama-cpp-cuda"
    bool selected = false;
    Verdict verdict = Verdict::cannot_tell;
    std::vector<Difference> differences;
    std::string why;                    ///< for cannot_tell and for a not_planned one that does not evaluate
    std::optional<NixFailure> failure;  ///< what Nix said about this one
    std::vector<std::string> notes;     ///< "GGML_AVX2 is given twice, the last one counts"
    std::string name;                   ///< of the derivation
    std::string drv_path;
    std::string main_program;                        ///< what `nix run` starts; "" = not said
    std::vector<std::string> cmake_flags;            ///< as they stand in the derivation
    std::map<std::string, std::string> environment;  ///< those set of NIX_CFLAGS_COMPILE, NIX_ENFORCE_NO_NATIVE
    std::vector<std::string> required_features;      ///< requiredSystemFeatures
};

/// A llama.cpp that the host really gets.
struct Installed {
    std::string where;  ///< "environment.systemPackages", "home-manager.users.ada.home.packages"
    std::string name;   ///< of the derivation
    std::string drv_path;
    std::string package;  ///< which of the host's packages it is; "" = none of them
};

struct HostReport {
    std::string host;
    Verdict verdict = Verdict::cannot_tell;  ///< the worst of the planned packages and of `differences`
    std::string why;                         ///< for cannot_tell
    std::string selected;                    ///< "llama-cpp-cuda"; "" without a plan
    std::vector<PackageReport> packages;     ///< the four variants, and the selected one if it is another
    std::vector<Difference> differences;     ///< of the host: `llama-cpp` redefined, another llama.cpp installed
    std::vector<Installed> installed;
    std::vector<std::string> notes;
};

struct CheckReport {
    std::string not_checked;  ///< "nix not found": nothing was evaluated, everything below is empty; "" = checked
    std::string hint;         ///< what to do about not_checked
    bool stand_ins = false;
    std::string nix_version;
    NixStore store;
    int processes = 0;              ///< Nix processes that evaluated
    double seconds = 0;             ///< wall time of all of them
    std::vector<HostReport> hosts;  ///< in the order asked
};

/// One evaluation for all hosts; if it fails one for each, and for those that fail one for each package, so that the
/// guilty one is named and hides no other. A missing or too old Nix is a report with `not_checked`, not an error.
/// Errors (nothing can be said about any host): "flake-missing", "nix-timeout", and to_error's for a cause that lies in
/// the flake as a whole (nix-syntax, nix-network, nix-input-missing, nix-store …).
Result<CheckReport> check(const CheckRequest& request, ProcessRunner& processes, const NixSearch& search);
/// The same with a Nix found before.
Result<CheckReport> check(const CheckRequest& request, Nix& nix);

/// The worst verdict of all hosts; cannot_tell if not checked.
Verdict overall(const CheckReport& report);

/// "flags reach the derivation: shown (stand-in inputs)" and its kin: the only words for a verdict.
std::string verdict_words(Verdict verdict, bool stand_ins);

}  // namespace lf::check
