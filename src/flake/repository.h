// SPDX-License-Identifier: MIT
/// \file
/// \brief The owner's repository: where its flake is, what git says about its files.
///
/// git is asked through its program, with everything off that a repository's own configuration could make it run
/// (hooks, fsmonitor, filters, remotes): looking at a stranger's flake must not start a stranger's code.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"

namespace lf::flake {

enum class GitKind : std::uint8_t {
    work_tree,     ///< the flake is in a git work tree
    no_work_tree,  ///< it is not: Nix then reads the folder as it is
    no_program,    ///< git is not installed: nothing is known
    refused,       ///< git does not trust the folder's owner (safe.directory), or cannot read the repository
};

struct Git {
    GitKind kind = GitKind::no_work_tree;
    std::string top;     ///< absolute path of the work tree; "" unless work_tree
    std::string folder;  ///< absolute path of this work tree's git folder; "" unless work_tree
    std::string busy;    ///< "merge", "rebase", "cherry-pick", "revert", "bisect" in progress, else ""
    std::string reason;  ///< for `refused`: what git said, printable
};

struct Repository {
    std::string root;  ///< the folder with flake.nix: absolute, links resolved
    Git git;
};

/// `path`: a folder with a flake.nix, or the flake.nix itself. Errors: "flake-missing" (usage, with a hint when one is
/// in a folder above), "flake-outside" (flake.nix is a link out of its folder), "file-unreadable".
Result<Repository> read_repository(const std::string& path, ProcessRunner& processes);

/// The bytes of a file of the repository; `path` is relative to the root, links are followed while they stay inside.
/// Errors: those of path_inside and read_file.
Result<std::string> read_repository_file(const Repository& repository, const std::string& path);

enum class FileState : std::uint8_t {
    unknown,    ///< no git, or git refused
    missing,    ///< neither on disk nor known to git
    untracked,  ///< on disk, not known to git: a flake does not see it
    ignored,    ///< not known to git and matched by .gitignore, on disk or not: `git add` refuses it
    clean,      ///< git holds exactly these bytes (in the index)
    modified,   ///< known to git with other bytes
    deleted,    ///< known to git, not on disk
};

/// What git says about each path (relative to the root). A file that git stores in another form (line ends, filters)
/// counts as modified. Errors: "git-failed", "program-timeout", those of path_inside.
Result<std::map<std::string, FileState>> file_states(const Repository& repository, std::span<const std::string> paths,
                                                     ProcessRunner& processes);

/// Those of `paths` that git does not know and .gitignore matches: a flake never sees them. Empty without git. Errors:
/// as file_states.
Result<std::set<std::string>> ignored_files(const Repository& repository, std::span<const std::string> paths,
                                            ProcessRunner& processes);

/// The files of the folder that a flake sees, relative to the root: those that git knows; without git all. Hidden
/// folders of the second kind are left out. Errors: "git-failed", "program-timeout", "file-unreadable".
Result<std::vector<std::string>> known_files(const Repository& repository, ProcessRunner& processes);

/// OK if none of `paths` lies in a git repository inside of this one. A flake sees nothing of a submodule unless it is
/// asked to, and its files belong to another history. Error "fit-submodule" (owner).
Done not_in_submodules(const Repository& repository, std::span<const std::string> paths);

/// OK if none of `paths` is a link or lies behind one: git would not know the file by that name. Error "fit-link"
/// (owner).
Done not_behind_links(const Repository& repository, std::span<const std::string> paths);

/// `git add -- paths`: for new, changed and deleted files; ignored ones are refused by git. Errors: "git-missing",
/// "git-not-a-work-tree", "git-failed" with git's own words.
Done git_add(const Repository& repository, std::span<const std::string> paths, ProcessRunner& processes);

/// Nothing is deleted that is not in git: OK if every path is clean or gone. Error "delete-not-in-git" (owner) names
/// the others; `force` allows them.
Done may_delete(const Repository& repository, std::span<const std::string> paths, bool force, ProcessRunner& processes);

}  // namespace lf::flake
