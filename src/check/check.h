// SPDX-License-Identifier: MIT
/// \file
/// \brief Asking Nix whether the flags of the plans reach the derivations of a flake.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit.h"
#include "base/process.h"
#include "base/result.h"
#include "check/expectation.h"
#include "check/nix_command.h"
#include "check/package_facts.h"
#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::check {

struct HostRequest {
    std::string host;                          ///< attribute of nixosConfigurations
    std::optional<plan::Plan> plan;            ///< nullopt: nothing to compare with, what is there is only listed
    std::optional<facts::Machine> facts = {};  ///< nullopt: nobody can tell which GPUs its code must cover
    /// Why its plan or its facts could not be read: then it is never called shown. "" = they could.
    std::string problem = {};
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
    bool look_inside = true;    ///< into the finished builds that the store has (layer binary)
    /// Of one evaluation. Once one ran out of it, the hosts that are left share as much again.
    std::chrono::milliseconds time_limit = std::chrono::minutes(5);
};

enum class Verdict : std::uint8_t {
    shown,        ///< as planned
    not_shown,    ///< differences tell what is not
    cannot_tell,  ///< why tells
    not_planned,  ///< this host has no GPU for it
};

/// What is looked at, from the flags' names to the finished build. Each has a verdict of its own.
enum class Layer : std::uint8_t {
    names,       ///< the options exist in the llama.cpp that is built
    derivation,  ///< names and values in the derivation, and what else reaches the compiler
    build,       ///< the compiler's options in the log of a build that was made here
    targets,     ///< the machine code for GPUs covers the host's GPUs
    binary,      ///< what is really inside the finished build, where the store has it
};
inline constexpr Layer kLayers[] = {Layer::names, Layer::derivation, Layer::build, Layer::targets, Layer::binary};

struct LayerReport {
    Layer layer = Layer::names;
    Verdict verdict = Verdict::cannot_tell;
    std::vector<Difference> differences;
    std::string basis;               ///< what it was judged by: "the source's ggml 0.21.0"; "" = nothing
    std::string why;                 ///< for cannot_tell and not_planned
    std::vector<std::string> notes;  ///< "GGML_AVX2 is given twice, the last one counts"
};

/// `why` of the layers build and binary where there is no log of one, and no finished one in the store.
inline constexpr std::string_view kNotBuiltHere = "not built here";

/// May this verdict of this layer decide about a package? A build that was not made here, one that is not in the store
/// and a source that is not at hand are normal; what they contradict counts.
bool counts(const LayerReport& report);

struct PackageReport {
    std::string package;  ///< attribute of the host's pkgs: "llama-cpp-cuda"
    bool selected = false;
    Verdict verdict = Verdict::cannot_tell;  ///< the worst of the layers that count
    std::vector<LayerReport> layers;         ///< one for each of kLayers, in their order; of a missing package only
                                             ///< derivation, none where nothing was compared
    std::string why;                         ///< why nothing was compared
    std::optional<NixFailure> failure;       ///< what Nix said about this one
    std::string name;                        ///< of the derivation
    std::string drv_path;
    std::vector<std::string> outputs;                ///< store paths, whether they are there or not
    std::string main_program;                        ///< what `nix run` starts; "" = not said
    std::vector<std::string> cmake_flags;            ///< as they stand in the derivation
    std::map<std::string, std::string> environment;  ///< those set of the variables that parts.nix lists
    std::vector<std::string> required_features;      ///< requiredSystemFeatures
};

/// nullptr = nothing was compared.
const LayerReport* layer_of(const PackageReport& package, Layer layer);

/// A llama.cpp that the host really gets.
struct Installed {
    std::string where;  ///< "environment.systemPackages", "home-manager.users.ada.home.packages"
    std::string name;   ///< of the derivation
    std::string drv_path;
    std::string package;                     ///< which of the host's packages it is; "" = none of them
    std::optional<PackageFacts> facts = {};  ///< of its own; nullopt: reading them threw
    std::vector<std::string> outputs = {};   ///< store paths, whether they are there or not
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
    int logs = 0;                   ///< Nix processes that read the log of a build
    int builds = 0;                 ///< finished builds that were looked into
    double seconds = 0;             ///< wall time of all of them
    std::vector<HostReport> hosts;  ///< in the order asked
};

/// One evaluation for all hosts; if it fails one for each, and for those that fail one for each package, so that the
/// guilty one is named and hides no other. A host that never ends is one that fails. A missing or too old Nix is a
/// report with `not_checked`, not an error. Errors (nothing can be said about any host): "flake-missing", and
/// to_error's for a cause that lies in the flake as a whole (nix-syntax, nix-network, nix-input-missing, nix-store …).
Result<CheckReport> check(const CheckRequest& request, ProcessRunner& processes, const NixSearch& search);
/// The same with a Nix found before, and with the reason why none was found.
Result<CheckReport> check(const CheckRequest& request, Nix& nix);
Result<CheckReport> check_without(const CheckRequest& request, const Error& why);

/// The worst verdict of all hosts; cannot_tell if not checked.
Verdict overall(const CheckReport& report);

/// The layer that a host's verdict stems from: the worst that counts; derivation if all are alike.
Layer decisive_layer(const HostReport& host);

/// "flags reach the derivation: shown (stand-in inputs)" and its kin: the only words for a verdict.
std::string verdict_words(Layer layer, Verdict verdict, bool stand_ins);

/// "shown (stand-in inputs)", "cannot tell": the same without what it is about.
std::string short_words(Verdict verdict, bool stand_ins);

/// "names", "derivation", "build", "targets", "binary".
std::string_view layer_name(Layer layer);

/// How bad a verdict is, for finding the worst: not_planned, shown, cannot_tell, not_shown.
int badness(Verdict verdict);

}  // namespace lf::check
