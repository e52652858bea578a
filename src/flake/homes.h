// SPDX-License-Identifier: MIT
/// \file
/// \brief Home Manager in the files of a host: does the system's overlay reach home.packages? Internal to the steps.
#pragma once

#include "flake/reach.h"
#include "flake/steps.h"

namespace lf::flake {

enum class GlobalPackages : std::uint8_t { yes, no, unknown };

class Homes {
  public:
    Homes(Work& work, const Outline& outline, const Reach& reach) : work_(work), outline_(outline), reach_(reach) {}
    /// home-manager.useGlobalPkgs; `unknown` where it is set to what the text does not tell.
    GlobalPackages global(std::size_t host) const;
    /// Is the overlay of llama-fleet registered in Home Manager's own package set?
    bool has_overlay(std::size_t host) const;
    /// Does a list of home.packages have llama.cpp?
    bool has_llama(std::size_t host) const;
    /// Does one of the host's texts about homes allow unfree software?
    bool allows_unfree(std::size_t host) const;
    bool uses_home_manager(std::size_t host) const;

  private:
    template <class Visit>
    void each_binding(std::size_t host, const Visit& visit) const;

    Work& work_;
    const Outline& outline_;
    const Reach& reach_;
};

/// Is the overlay file named below the node, itself or by names that a let gives?
bool names_overlay(Work& work, const Tree& tree, NodeId node);
/// The same for llama.cpp's packages as items of lists.
bool lists_llama(const Tree& tree, NodeId node);

}  // namespace lf::flake
