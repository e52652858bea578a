// SPDX-License-Identifier: MIT
/// \file
/// \brief The Nix files of a repository, parsed once; with what an edit has made of them so far.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "flake/transaction.h"
#include "nixsyntax/edit.h"
#include "nixsyntax/tree.h"

namespace lf::flake {

/// All paths are relative to the repository, without dots: "machines/carbon.nix".
class Sources {
  public:
    explicit Sources(const FileSource& files) : files_(files) {}

    /// The tree of a file as it is now, after the edits so far. It stays valid until the file is edited.
    /// Errors: those of reading and of nixsyntax::parse, with the relative path.
    Result<const nixsyntax::Tree*> tree(const std::string& path);
    /// The same, or nullptr: for files whose errors are not ours to report.
    const nixsyntax::Tree* tree_or_null(const std::string& path);
    /// The bytes as they are now; nullopt = no such file.
    std::optional<std::string> text(const std::string& path);
    bool exists(const std::string& path);
    bool is_folder(const std::string& path);
    /// What a folder holds, sorted by name: builtins.readDir, with its words ("regular", "directory", "symlink").
    std::vector<std::pair<std::string, std::string>> read_folder(const std::string& path);
    /// What a path literal in the file `from` names: the file, or the default.nix of the folder; of a link, the file
    /// that it leads to, as Nix takes it. nullopt where that is no Nix file of the repository. An absolute `literal`
    /// counts from the root ("/machines" after `self + "…"`).
    std::optional<std::string> nix_file(const std::string& from, std::string_view literal);
    /// Is it, or does it lie behind, a link that leads out of the repository (or in a circle)?
    bool leads_out(const std::string& path);
    /// Every .nix file of the repository, sorted; hidden folders, links and whatever lies deeper than 16 are left out.
    const std::vector<std::string>& all_nix_files();

    /// Does the edits and proves them. Errors: "fit-unproved".
    Done edit(const std::string& path, const nixsyntax::EditSet& edits);
    /// A whole file: new, replaced or (nullopt) deleted.
    void write(const std::string& path, std::optional<std::string> text);
    /// The line, from 1, that an offset of the text as it is now had in the text that was read.
    std::uint32_t original_line(const std::string& path, std::uint32_t offset);
    /// What differs from what was read, sorted by path.
    std::vector<FileChange> changes() const;
    /// The edits that made a file what it is now, with the offsets of the text that was read; nullopt = it was written
    /// whole, or is new or gone.
    std::optional<std::vector<nixsyntax::Edit>> edits_of(const std::string& path);

  private:
    struct File {
        std::optional<std::string> before;
        std::optional<std::string> now;
        std::unique_ptr<nixsyntax::Tree> tree;
        std::optional<Error> error;                       ///< of reading or of the last parse
        std::vector<std::vector<nixsyntax::Edit>> edits;  ///< one set after the other, each in the order of the text
        bool whole = false;                               ///< it was written whole
    };
    File& file(const std::string& path);
    const std::optional<std::string>& link_at(const std::string& path);
    std::optional<std::string> followed(std::string path);
    void list_below(const std::string& folder, int depth);

    const FileSource& files_;
    std::map<std::string, File> known_;
    std::map<std::string, bool> folders_;
    std::map<std::string, std::optional<std::string>> links_;
    std::optional<std::vector<std::string>> all_;
};

/// `path` without "." and ".."; nullopt if it leads out of the root.
std::optional<std::string> normal_path(std::string_view path);
/// The folder part: "machines/x.nix" → "machines", "flake.nix" → "".
std::string folder_of(std::string_view path);
/// How the file `from` writes the path of `to`: ./x, ../y/z.
std::string path_literal(std::string_view from, std::string_view to);

}  // namespace lf::flake
