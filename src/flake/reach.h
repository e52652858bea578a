// SPDX-License-Identifier: MIT
/// \file
/// \brief Which files of the repository the modules of a host lead to.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "flake/outline.h"

namespace lf::flake {

struct Reached {
    std::string path;
    bool home = false;  ///< through home-manager.users: a module of Home Manager
};

class Reach {
  public:
    Reach(Sources& sources, const Outline& outline);
    /// Nearest first. Every path literal that its modules, and what they lead to, name and that is a Nix file counts:
    /// one file too many only makes us more careful.
    const std::vector<Reached>& files(std::size_t host) const { return files_[host]; }
    /// The hosts that a file is reached from.
    const std::set<std::size_t>& users(const std::string& path) const;

  private:
    std::vector<Reached> files_of(std::size_t host);
    const std::vector<Reached>& named_in(const std::string& path);

    Sources& sources_;
    const Outline& outline_;
    std::map<std::string, std::vector<Reached>> named_;
    std::vector<std::vector<Reached>> files_;
    std::map<std::string, std::set<std::size_t>> users_;
};

}  // namespace lf::flake
