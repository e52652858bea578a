// SPDX-License-Identifier: MIT
/// \file
/// \brief Which files of the repository the modules of a host lead to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "flake/outline.h"

namespace lf::flake {

struct Reached {
    std::string path;
    bool home = false;  ///< through home-manager.users: a module of Home Manager
};

/// One place of a file that names another.
struct Named {
    Reached file;                  ///< its path is empty where `missing` is set
    bool module = false;           ///< as a module or by `import`, so that Nix has to read it; else it may be data
    std::optional<Error> missing;  ///< it is named as a module, for certain, and is not there
};

class Reach {
  public:
    Reach(Sources& sources, const Outline& outline);
    /// Nearest first. Every path literal that its modules, and what they lead to, name and that is a Nix file counts:
    /// one file too many only makes us more careful.
    const std::vector<Reached>& files(std::size_t host) const { return files_[host]; }
    /// The hosts that a file is reached from.
    const std::set<std::size_t>& users(const std::string& path) const;
    /// Are the modules of a host, and what they import, there, readable and Nix? Whatever is only data is not looked
    /// at. Errors: "fit-missing-file", where the file is named; those of Sources::tree.
    Done check(std::size_t host);

  private:
    std::set<std::string> own_files(std::size_t host) const;
    std::vector<Named> named_by_host(std::size_t host);
    std::vector<Reached> files_of(std::size_t host);
    const std::vector<Named>& named_in(const std::string& path);

    Sources& sources_;
    const Outline& outline_;
    std::map<std::string, std::vector<Named>> named_;
    std::vector<std::vector<Reached>> files_;
    std::map<std::string, std::set<std::size_t>> users_;
};

}  // namespace lf::flake
