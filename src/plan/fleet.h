// SPDX-License-Identifier: MIT
/// \file
/// \brief Many plans at once: which builds a fleet needs, who shares one, who could build it, and what would be less.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "facts/machine.h"
#include "plan/plan.h"

namespace lf::plan {

struct FleetHost {
    const facts::Machine* machine;
    const Plan* plan;
};

/// Hosts with equal builds for one system share a store path.
struct FleetBuild {
    std::string system;
    Build build;
    std::vector<std::string> hosts;    ///< in the order given
    std::vector<std::string> runs_on;  ///< hosts whose CPU and cards run it, the own ones among them
};

/// Two builds that would be one if the flags were given up.
struct NearBuilds {
    std::size_t one = 0;  ///< in Fleet::builds
    std::size_t other = 0;
    std::vector<std::string> flags;
    std::string costs;  ///< what giving them up costs, for people
};

struct Fleet {
    std::vector<FleetBuild> builds;  ///< the one that most hosts share first; then by the first host's place
    std::vector<NearBuilds> near;    ///< at most kMostNear
    /// What hosts may offer as builders: "gccarch-znver4" → hosts, for nix.settings.system-features.
    std::map<std::string, std::vector<std::string>> gccarchs;
    std::size_t universal = 0;  ///< distinct builds if every host took the strategy universal
};
inline constexpr std::size_t kMostNear = 20;

/// Time grows with the number of hosts. Of more than kMostCompared builds none are compared with each other, and nobody
/// is asked who could build them: `near` and `runs_on` stay empty.
Fleet view_fleet(std::span<const FleetHost> hosts);
inline constexpr std::size_t kMostCompared = 100;

/// The machine's CPU has every feature that the build may make the compiler emit, and CUDA or ROCm, where the build
/// uses them, have code and a driver for every card here that they would use. A universal build runs everywhere: it
/// loads what the machine has.
bool runs_on(const Build& build, const std::string& system, const facts::Machine& machine);

/// 80 columns: hosts by build, builders, what universal would give, which builds are near.
std::string fleet_text(const Fleet& fleet);

}  // namespace lf::plan
