// SPDX-License-Identifier: MIT
/// \file
/// \brief Which files of a repository name which by a path literal. Asked for once, of all files.
#pragma once

#include <map>
#include <optional>
#include <set>
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
    /// A text elsewhere may stand for this file's path, in a way that the text alone does not tell for sure: a string
    /// or path that ends in its name ("${self}/ov/llama.nix"), or in what may be the end of it (./ov/${name}.nix).
    bool may_be_named(const std::string& file);
    /// Somewhere all files of a folder are read, so that a file needs no name.
    bool folders_are_read();

  private:
    void look();
    void keep_end(const flake::Tree& tree, flake::NodeId id);
    flake::Sources& sources_;
    std::optional<std::map<std::string, std::vector<FileUse>>> uses_;
    std::map<std::string, std::set<std::string>> ends_;  ///< last parts of strings and paths, and the files they are in
    std::map<std::string, std::set<std::string>> open_ends_;  ///< the same of those that begin with an interpolation
    bool folders_are_read_ = false;
};

}  // namespace lf::lint
