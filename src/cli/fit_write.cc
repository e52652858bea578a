// SPDX-License-Identifier: MIT
#include "cli/fit_write.h"

#include <fmt/format.h>

#include "base/text.h"
#include "cli/fit_output.h"
#include "flake/transaction.h"

namespace lf::cli {

Done not_in_submodules(const flake::Repository& repository, const flake::FitResult& fit) {
    std::vector<std::string> paths;
    for (const flake::FileChange& change : fit.changes) paths.push_back(change.path);
    return flake::not_in_submodules(repository, paths);
}

Done look_at_changes(const flake::Repository& repository, flake::FitResult& fit, ProcessRunner& processes) {
    LF_TRY(not_in_submodules(repository, fit));
    std::vector<std::string> theirs;
    for (const flake::FileChange& change : fit.changes)
        if (change.before && !change.path.starts_with("llama-fleet/")) theirs.push_back(change.path);
    const auto states = flake::file_states(repository, theirs, processes);
    if (!states) return {};  // a note is not worth an error: writing asks git again where it matters
    std::vector<std::string> modified;
    for (const auto& [path, state] : *states)
        if (state == flake::FileState::modified) modified.push_back(path);
    if (!modified.empty())
        fit.notes.push_back(fmt::format("not committed before this change, so that `git diff` will show both: {}",
                                        join(modified, ", ")));
    return {};
}

Done write_changes(const flake::Repository& repository, const flake::FitResult& fit, bool deletes_theirs,
                   const Arguments& arguments, ProcessRunner& processes, Terminal& terminal) {
    std::vector<std::string> deleted;
    for (const flake::FileChange& change : fit.changes)
        if (!change.after) deleted.push_back(change.path);
    if (!repository.git.busy.empty())
        return fail(owner_error("git-busy", fmt::format("a {} is in progress in this repository", repository.git.busy),
                                "finish or abort it first"));
    if (deletes_theirs) LF_TRY(flake::may_delete(repository, deleted, arguments.has("--force"), processes));
    std::vector<std::string> told = fit.new_files;
    // Files of ours that were added, perhaps never committed, and go again.
    if (!deletes_theirs && arguments.has("--git-add")) {
        LF_ASSIGN(const auto states, flake::file_states(repository, deleted, processes));
        for (const auto& [path, state] : states)
            if (state == flake::FileState::clean || state == flake::FileState::modified) told.push_back(path);
    }
    LF_TRY(flake::apply_changes(repository.root, fit.changes));
    if (repository.git.kind != flake::GitKind::work_tree || told.empty()) return {};
    if (!arguments.has("--git-add")) {
        terminal.talk(git_add_text(repository.root, told));
        return {};
    }
    return flake::git_add(repository, told, processes);
}

}  // namespace lf::cli
