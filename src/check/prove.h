// SPDX-License-Identifier: MIT
/// \file
/// \brief How every host of a flake stands, and whether an edit changed what it was to change and nothing else.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "check/nix_command.h"

namespace lf::check {

/// nullopt = that part throws, or the host ended the evaluation (`failure`).
struct HostState {
    bool present = false;
    std::optional<int> overlays;                       ///< how many nixpkgs.overlays has
    std::optional<std::vector<std::string>> packages;  ///< "environment.systemPackages git-2.50", in order
    std::optional<std::string> toplevel;               ///< drvPath of the system
    bool ours = false;                                 ///< its package set has what our overlay gives
    std::optional<std::string> failure;                ///< in Nix's words
};

/// All hosts of the flake. One evaluation; where that fails, one for each host, so that one that never evaluated hides
/// no other. Errors: as check().
Result<std::map<std::string, HostState>> host_states(const CheckRequest& request, Nix& nix);

/// Reads what prove.nix gives. Error: "nix-answer". Used inside check/ only.
Result<std::map<std::string, HostState>> read_states(std::string_view json);

struct HostProof {
    std::string host;
    bool holds = false;
    std::string text;  ///< one line: what was compared, or what is wrong
};

/// One line for each host that is there before or after. `planned`: the package by host; a host without one must be as
/// it was. `superseded`: old overlays went, so that fewer may be there.
std::vector<HostProof> compare_hosts(const std::map<std::string, HostState>& before,
                                     const std::map<std::string, HostState>& after,
                                     const std::map<std::string, std::string>& planned, bool superseded);

}  // namespace lf::check
