// SPDX-License-Identifier: MIT
#include "cli/fit_write.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "base/text.h"
#include "cli/fit_output.h"
#include "flake/transaction.h"

namespace lf::cli {

Done not_in_submodules(const flake::Repository& repository, const flake::FitResult& fit) {
    std::vector<std::string> paths;
    for (const flake::FileChange& change : fit.changes) paths.push_back(change.path);
    return flake::not_in_submodules(repository, paths);
}

namespace {

using States = std::map<std::string, flake::FileState>;

/// Nix reads the plans and the overlay; facts and the record are for llama-fleet alone.
bool flake_needs(std::string_view path) {
    return !path.starts_with("llama-fleet/") || path.starts_with("llama-fleet/plan/") || path.ends_with(".nix");
}

/// Lines for .gitignore that let these files through, whatever it says of the folders that they are in.
std::string lines_for_gitignore(const std::vector<std::string>& paths) {
    std::set<std::string> out;  // a folder sorts before what is in it
    for (const std::string& path : paths) {
        for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1))
            out.insert("!/" + path.substr(0, slash + 1));
        const bool data = path.starts_with("llama-fleet/");
        out.insert(data ? "!/" + path.substr(0, path.rfind('/') + 1) + "*.json" : "!/" + path);
    }
    std::string text;
    for (const std::string& line : out) text += "\n  " + line;
    return text;
}

Error ignored_error(const flake::Repository& repository, const std::vector<std::string>& needed) {
    std::vector<std::string> there;
    for (const std::string& path : needed) {
        std::error_code error;
        if (std::filesystem::exists(std::filesystem::path(repository.root) / path, error))
            there.push_back(shell_word(path));
    }
    Error error = owner_error(
        "fit-ignored", fmt::format("git ignores what the flake needs, so Nix would not see it: {}", join(needed, ", ")),
        "add to .gitignore, then fit again:" + lines_for_gitignore(needed));
    if (there.size() == needed.size())
        error.hint += fmt::format("\nor tell git of them all the same:\n  git -C {} add -f -- {}",
                                  shell_word(repository.root), join(there, " "));
    error.where.file = repository.root;
    return error;
}

/// Without this, all would be written, and then git would refuse to be told, or Nix not find the plan.
Done look_at_ignored(const flake::Repository& repository, flake::FitResult& fit, const States& states) {
    // The whole flake is none of that repository's: it merely lies in a folder of it.
    if (states.at("flake.nix") == flake::FileState::ignored) return {};
    std::vector<std::string> needed;
    std::vector<std::string> rest;
    std::set<std::string> going;
    for (const flake::FileChange& change : fit.changes)
        if (!change.after) going.insert(change.path);
    for (const auto& [path, state] : states)
        if (state == flake::FileState::ignored && !going.contains(path))
            (flake_needs(path) ? needed : rest).push_back(path);
    if (!needed.empty()) return fail(ignored_error(repository, needed));
    if (!rest.empty())
        fit.notes.push_back(
            fmt::format("git ignores {}: the flake does without, another checkout has to, too", join(rest, ", ")));
    return {};
}

}  // namespace

Done look_at_changes(const flake::Repository& repository, flake::FitResult& fit, const std::vector<std::string>& hosts,
                     ProcessRunner& processes) {
    LF_TRY(not_in_submodules(repository, fit));
    std::vector<std::string> changed;
    for (const flake::FileChange& change : fit.changes) changed.push_back(change.path);
    LF_TRY(flake::not_behind_links(repository, changed));
    std::set<std::string> paths(changed.begin(), changed.end());
    paths.insert("flake.nix");
    for (const std::string& host : hosts) paths.insert(flake::plan_path(host));
    const std::vector<std::string> asked(paths.begin(), paths.end());
    LF_ASSIGN(const States states, flake::file_states(repository, asked, processes));
    LF_TRY(look_at_ignored(repository, fit, states));
    std::vector<std::string> modified;
    for (const flake::FileChange& change : fit.changes)
        if (change.before && !change.path.starts_with("llama-fleet/") &&
            states.at(change.path) == flake::FileState::modified)
            modified.push_back(change.path);
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
    // What git ignores and the flake does without stays as the owner wishes it.
    LF_ASSIGN(const std::set<std::string> ignored, flake::ignored_files(repository, fit.new_files, processes));
    std::erase_if(told, [&](const std::string& path) { return ignored.contains(path); });
    LF_TRY(flake::apply_changes(repository.root, fit.changes));
    if (repository.git.kind != flake::GitKind::work_tree || told.empty()) return {};
    if (!arguments.has("--git-add")) {
        terminal.talk(git_add_text(repository.root, told));
        return {};
    }
    return flake::git_add(repository, told, processes);
}

}  // namespace lf::cli
