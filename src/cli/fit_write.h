// SPDX-License-Identifier: MIT
/// \file
/// \brief What every way of fit does with its changes: asks git about them, writes them all or none.
#pragma once

#include "base/process.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "cli/terminal.h"
#include "flake/fit.h"
#include "flake/repository.h"

namespace lf::cli {

/// Before anything is shown: a change inside a submodule ("fit-submodule") or behind a link ("fit-link") is refused,
/// and so is a file that the flake needs and git ignores ("fit-ignored", with the lines for .gitignore); `hosts` are
/// those with a plan. Notes name ignored files that the flake does without, and the owner's files that hold work which
/// is not committed, for git cannot part it from ours.
Done look_at_changes(const flake::Repository& repository, flake::FitResult& fit, const std::vector<std::string>& hosts,
                     ProcessRunner& processes);

/// The first half of it.
Done not_in_submodules(const flake::Repository& repository, const flake::FitResult& fit);

/// Writes, and tells git or the owner of new files. `deletes_theirs`: files that go may be the owner's, so that git has
/// to hold them (else --force); if not, they are ours, and git is told of them too. Errors: "git-busy", those of
/// may_delete, apply_changes and git_add.
Done write_changes(const flake::Repository& repository, const flake::FitResult& fit, bool deletes_theirs,
                   const Arguments& arguments, ProcessRunner& processes, Terminal& terminal);

}  // namespace lf::cli
