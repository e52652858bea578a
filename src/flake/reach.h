// SPDX-License-Identifier: MIT
/// \file
/// \brief Which files of the repository the modules of a host lead to.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "flake/outline.h"

namespace lf::flake {

struct Reached {
    std::string path;
    bool home = false;    ///< through home-manager.users: a module of Home Manager
    bool direct = false;  ///< of a host: named among its modules, not by one of them
};

/// One place of a file that names another.
struct Named {
    Reached file;
    bool module = false;   ///< as a module or by `import`, so that Nix has to read it; else it may be data
    bool always = false;   ///< as a module in any case, not under a condition
    bool missing = false;  ///< it is named as a module, for certain, and is not there
    std::string by;        ///< the file in which it is named
    std::uint32_t offset = 0;
};

class Reach {
  public:
    Reach(Sources& sources, const Outline& outline);
    /// Nearest first. Every path literal that its modules, and what they lead to, name and that is a Nix file counts:
    /// one file too many only makes us more careful.
    const std::vector<Reached>& files(std::size_t host) const { return files_[host]; }
    /// The hosts that a file is reached from.
    const std::set<std::size_t>& users(const std::string& path) const;
    /// Is it a module of every host that reaches it, whatever else is configured?
    bool always(const std::string& path) const { return !perhaps_.contains(path); }
    /// Are the modules of a host, and what they import, readable and Nix? Those that nobody can look into here are
    /// given back: they are not in the repository, or encrypted. Whatever is only data is not looked at. Errors: those
    /// of Sources::tree.
    Result<std::vector<Named>> check(std::size_t host);

  private:
    std::set<std::string> own_files(std::size_t host) const;
    std::vector<Named> named_by_host(std::size_t host);
    std::vector<Reached> files_of(std::size_t host, const std::vector<Named>& by_host);
    std::set<std::string> modules_of(const std::vector<Named>& by_host);
    const std::vector<Named>& named_in(const std::string& path);

    Sources& sources_;
    const Outline& outline_;
    std::map<std::string, std::vector<Named>> named_;
    std::vector<std::vector<Reached>> files_;
    std::map<std::string, std::set<std::size_t>> users_;
    std::set<std::string> perhaps_;  ///< what not every user has as a module in any case
};

}  // namespace lf::flake
