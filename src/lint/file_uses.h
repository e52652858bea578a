// SPDX-License-Identifier: MIT
/// \file
/// \brief Which files of a repository name which by a path literal. Asked for once, of all files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "flake/meaning.h"
#include "flake/sources.h"

namespace lf::lint {

/// A path literal that names a file.
struct FileUse {
    const flake::Tree* tree = nullptr;
    flake::NodeId path = flake::kNone;
};

/// Valid while no file of `sources` is edited.
class FileUses {
  public:
    explicit FileUses(flake::Sources& sources) : sources_(sources) {}
    /// Where other files name this one.
    const std::vector<FileUse>& of(const std::string& file);
    /// Somewhere all files of a folder are read, so that a file needs no name.
    bool folders_are_read();

  private:
    void look();
    flake::Sources& sources_;
    std::optional<std::map<std::string, std::vector<FileUse>>> uses_;
    bool folders_are_read_ = false;
};

}  // namespace lf::lint
