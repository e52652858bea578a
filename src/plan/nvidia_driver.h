// SPDX-License-Identifier: MIT
/// \file
/// \brief Which of NVIDIA's drivers serves a chip: its newest branch, its kernel modules, and the lines of NixOS for
/// it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "plan/rules_cuda.h"

namespace lf::plan {

/// NVIDIA's kernel modules: open ones are made for Turing and newer, and Blackwell runs on nothing else.
enum class KernelModules : std::uint8_t { closed, either, open };

struct DriverBranch {
    int from, to;  ///< compute capabilities, 50 for 5.0
    KernelModules modules;
    int newest;                ///< the last major version that serves it, 580; 0: the newest there is
    std::string_view package;  ///< of nixpkgs' nvidiaPackages; "" = its default
};

/// nullptr for a capability that no branch of nixpkgs serves, and for 0.
const DriverBranch* branch_for(int capability);

/// Does a driver of this version ignore a card of this capability, because it is too new for it?
bool too_new_for(const DriverVersion& driver, int capability);

/// Is there no driver that serves both? Closed modules for the one, open ones for the other.
bool exclude_each_other(int one_capability, int other_capability);

/// What to write into a NixOS configuration for a card; `capability` 0 = not known.
std::string nixos_driver_lines(int capability);

RuleChapter driver_rules();

}  // namespace lf::plan
