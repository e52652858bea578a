// SPDX-License-Identifier: MIT
// Which bytes git holds is asked with plumbing that runs nothing: `ls-files --stage` gives the hash of what is in the
// index, `hash-object --no-filters` that of what is on disk. `git status` would run the clean filters that a
// repository's own .git/config and .gitattributes name.
#include "flake/repository.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "flake/inside.h"

namespace lf::flake {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kFlake = "flake.nix";

Error repository_error(Error error, const std::string& file) {
    error.where.file = file;
    return error;
}

/// git in `folder`, deaf to what the repository's configuration could start. System and user configuration stay: they
/// are the owner's, and safe.directory stands there.
Command git_command(const std::string& folder, std::vector<std::string> arguments) {
    Command command;
    command.argv = {"git", "-C", folder};
    for (const char* setting : {"core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never",
                                "submodule.recurse=false", "credential.helper="})
        command.argv.insert(command.argv.end(), {"-c", setting});
    command.argv.insert(command.argv.end(), std::make_move_iterator(arguments.begin()),
                        std::make_move_iterator(arguments.end()));
    command.environment = {{"GIT_OPTIONAL_LOCKS", "0"},
                           {"GIT_TERMINAL_PROMPT", "0"},
                           {"GIT_ALLOW_PROTOCOL", "none"},
                           {"GIT_NO_LAZY_FETCH", "1"},
                           {"GIT_LITERAL_PATHSPECS", "1"},
                           {"GIT_ATTR_NOSYSTEM", "1"},
                           {"LC_ALL", "C"}};
    // Set when we are run from a hook: they name another repository than the one we were given.
    command.without = {"GIT_DIR",        "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY",
                       "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX",     "GIT_ALTERNATE_OBJECT_DIRECTORIES"};
    command.time_limit = std::chrono::minutes(1);
    return command;
}

/// The output of git; exit codes above `most` are an error "git-failed" with git's own words.
Result<std::string> ask_git(const std::string& folder, std::vector<std::string> arguments, ProcessRunner& processes,
                            int most = 0) {
    const std::string what = arguments.front();
    LF_ASSIGN(const Finished finished, processes.run(git_command(folder, std::move(arguments))));
    if (finished.exit_code <= most) return finished.out;
    return fail(repository_error(
        world_error("git-failed", fmt::format("git {}: {}", what, printable(trim(finished.err), true))), folder));
}

std::string busy_with(const fs::path& git_folder) {
    static constexpr std::pair<const char*, const char*> kSigns[] = {
        {"rebase-merge", "rebase"},          {"rebase-apply", "rebase"}, {"MERGE_HEAD", "merge"},
        {"CHERRY_PICK_HEAD", "cherry-pick"}, {"REVERT_HEAD", "revert"},  {"BISECT_LOG", "bisect"}};
    std::error_code error;
    for (const auto& [file, name] : kSigns)
        if (fs::exists(git_folder / file, error)) return name;
    return {};
}

Git refused(std::string_view reason) {
    Git git;
    git.kind = GitKind::refused;
    git.reason = printable(trim(reason));
    return git;
}

Result<Git> read_git(const std::string& root, ProcessRunner& processes) {
    Git git;
    if (processes.find("git").empty()) {
        git.kind = GitKind::no_program;
        return git;
    }
    LF_ASSIGN(const Finished finished,
              processes.run(git_command(root, {"rev-parse", "--show-toplevel", "--absolute-git-dir"})));
    if (finished.exit_code != 0) {
        const bool none = finished.err.find("not a git repository") != std::string::npos ||
                          finished.err.find("must be run in a work tree") != std::string::npos;
        return none ? git : refused(finished.err);
    }
    const auto answers = lines(finished.out);
    if (answers.size() != 2) return refused("git gave an answer that is not understood");
    git.top = answers[0];
    git.folder = answers[1];
    // core.worktree of a hostile configuration may point anywhere.
    if (root != git.top && !root.starts_with(git.top + "/")) return refused("git names a work tree elsewhere");
    git.kind = GitKind::work_tree;
    git.busy = busy_with(git.folder);
    return git;
}

std::string flake_above(fs::path folder) {
    std::error_code error;
    while (folder.has_relative_path()) {
        folder = folder.parent_path();
        if (fs::exists(folder / kFlake, error)) return folder.string();
    }
    return {};
}

Result<std::string> resolved_inside(const std::string& root, const std::string& path) {
    LF_ASSIGN(const std::string inside, path_inside(root, path));
    std::error_code error;
    const fs::path real = fs::weakly_canonical(fs::path(root) / inside, error);
    const fs::path relative = real.lexically_relative(root);
    if (!error && !relative.empty() && *relative.begin() != "..") return real.string();
    return fail(repository_error(
        world_error("path-outside", error ? error.message() : "is a link that leads out of the repository"), path));
}

struct Indexed {
    std::string hash;  ///< "" for what is no plain file, or in conflict
};

/// `git ls-files --stage -z`: "100644 <hash> 0\t<path>\0…".
std::map<std::string, Indexed> parse_index(std::string_view out) {
    std::map<std::string, Indexed> index;
    for (const std::string_view entry : split(out, '\0')) {
        const std::size_t tab = entry.find('\t');
        if (tab == std::string_view::npos) continue;
        const auto words = split(entry.substr(0, tab), ' ');
        const bool plain = words.size() == 3 && words[0].starts_with("100") && words[2] == "0";
        index[std::string(entry.substr(tab + 1))] = {plain ? std::string(words[1]) : ""};
    }
    return index;
}

std::vector<std::string> with_paths(std::vector<std::string> arguments, const std::vector<std::string>& paths) {
    arguments.emplace_back("--");
    arguments.insert(arguments.end(), paths.begin(), paths.end());
    return arguments;
}

bool plain_file(const std::string& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() == fs::file_type::regular;
}

/// The hash that git would give each file, taken as it is.
Result<std::map<std::string, std::string>> hashes_on_disk(const std::string& root,
                                                          const std::vector<std::string>& paths,
                                                          ProcessRunner& processes) {
    std::map<std::string, std::string> hashes;
    if (paths.empty()) return hashes;
    LF_ASSIGN(const std::string out, ask_git(root, with_paths({"hash-object", "--no-filters"}, paths), processes));
    const auto answers = lines(out);
    for (std::size_t i = 0; i < std::min(paths.size(), answers.size()); ++i) hashes[paths[i]] = answers[i];
    return hashes;
}

Result<std::set<std::string>> ignored_among(const std::string& root, const std::vector<std::string>& paths,
                                            ProcessRunner& processes) {
    std::set<std::string> ignored;
    if (paths.empty()) return ignored;
    Command command = git_command(root, {"check-ignore", "-z", "--stdin"});
    command.environment.erase("GIT_LITERAL_PATHSPECS");  // check-ignore refuses it; it matches no globs anyway
    for (const std::string& path : paths) command.input += "./" + path + '\0';  // ":x" would be magic
    LF_ASSIGN(const Finished finished, processes.run(command));
    if (finished.exit_code > 1)  // 1: none is ignored
        return fail(repository_error(
            world_error("git-failed", fmt::format("git check-ignore: {}", printable(trim(finished.err), true))), root));
    for (const std::string_view path : split(finished.out, '\0'))
        if (path.starts_with("./")) ignored.emplace(path.substr(2));
    return ignored;
}

}  // namespace

Result<Repository> read_repository(const std::string& path, ProcessRunner& processes) {
    std::error_code error;
    fs::path folder = fs::canonical(path.empty() ? "." : path, error);
    if (error)
        return fail(repository_error(usage_error("flake-missing", fmt::format("cannot read: {}", error.message()),
                                                 "name the folder that holds flake.nix"),
                                     path));
    if (!fs::is_directory(folder, error)) {
        // The name that was typed counts: flake.nix may be a link to a file of another name.
        folder = fs::canonical(fs::absolute(fs::path(path)).parent_path(), error);
        if (fs::path(path).filename() != kFlake)
            return fail(repository_error(usage_error("flake-missing", "neither a folder nor a flake.nix",
                                                     "name the folder that holds flake.nix"),
                                         path));
    }
    Repository repository;
    repository.root = folder.string();
    if (!fs::exists(folder / kFlake, error)) {
        const std::string above = flake_above(folder);
        return fail(repository_error(usage_error("flake-missing", "there is no flake.nix in this folder",
                                                 above.empty() ? "name the folder that holds flake.nix"
                                                               : fmt::format("there is one in {}", shell_word(above))),
                                     repository.root));
    }
    if (!resolved_inside(repository.root, std::string(kFlake)))
        return fail(repository_error(world_error("flake-outside", "flake.nix is a link that leads out of its folder",
                                                 "name the folder that it leads to"),
                                     (folder / kFlake).string()));
    LF_ASSIGN(repository.git, read_git(repository.root, processes));
    return repository;
}

Result<std::string> read_repository_file(const Repository& repository, const std::string& path) {
    LF_ASSIGN(const std::string real, resolved_inside(repository.root, path));
    return read_file(real);
}

Result<std::map<std::string, FileState>> file_states(const Repository& repository, std::span<const std::string> paths,
                                                     ProcessRunner& processes) {
    const std::string& root = repository.root;
    std::map<std::string, FileState> states;
    std::vector<std::string> inside;
    for (const std::string& path : paths) {
        LF_ASSIGN(inside.emplace_back(), path_inside(root, path));
        states[path] = FileState::unknown;
    }
    if (repository.git.kind != GitKind::work_tree || paths.empty()) return states;
    LF_ASSIGN(const std::string listed, ask_git(root, with_paths({"ls-files", "--stage", "-z"}, inside), processes));
    const auto index = parse_index(listed);
    std::vector<std::string> known_on_disk;
    std::vector<std::string> unknown;
    for (const std::string& path : inside) {
        if (!index.contains(path)) unknown.push_back(path);
        else if (plain_file(fmt::format("{}/{}", root, path))) known_on_disk.push_back(path);
    }
    LF_ASSIGN(const auto hashes, hashes_on_disk(root, known_on_disk, processes));
    LF_ASSIGN(const auto ignored, ignored_among(root, unknown, processes));
    for (std::size_t i = 0; i < inside.size(); ++i) {
        std::error_code error;
        const bool on_disk = fs::symlink_status(fs::path(root) / inside[i], error).type() != fs::file_type::not_found;
        const auto entry = index.find(inside[i]);
        FileState& state = states[paths[i]];
        if (entry == index.end())
            state = ignored.contains(inside[i]) ? FileState::ignored
                    : on_disk                   ? FileState::untracked
                                                : FileState::missing;
        else if (!on_disk) state = FileState::deleted;
        else
            state = hashes.contains(inside[i]) && hashes.at(inside[i]) == entry->second.hash ? FileState::clean
                                                                                             : FileState::modified;
    }
    return states;
}

Result<std::set<std::string>> ignored_files(const Repository& repository, std::span<const std::string> paths,
                                            ProcessRunner& processes) {
    if (repository.git.kind != GitKind::work_tree || paths.empty()) return std::set<std::string>{};
    std::vector<std::string> inside;
    for (const std::string& path : paths) {
        LF_ASSIGN(inside.emplace_back(), path_inside(repository.root, path));
    }
    return ignored_among(repository.root, inside, processes);
}

Result<std::vector<std::string>> known_files(const Repository& repository, ProcessRunner& processes) {
    std::vector<std::string> out;
    if (repository.git.kind == GitKind::work_tree) {
        LF_ASSIGN(const std::string listed, ask_git(repository.root, {"ls-files", "-z"}, processes));
        for (const std::string_view path : split(listed, '\0'))
            if (!path.empty()) out.emplace_back(path);
        return out;
    }
    std::error_code error;
    for (fs::recursive_directory_iterator it(repository.root, error), end; !error && it != end; it.increment(error)) {
        const bool folder = it->is_directory() && !it->is_symlink();
        if (folder && it->path().filename().string().starts_with('.')) it.disable_recursion_pending();
        else if (!folder) out.push_back(it->path().lexically_relative(repository.root).string());
    }
    if (error) return fail(repository_error(world_error("file-unreadable", error.message()), repository.root));
    return out;
}

Done not_in_submodules(const Repository& repository, std::span<const std::string> paths) {
    const fs::path root(repository.root);
    for (const std::string& path : paths) {
        LF_ASSIGN(const std::string inside, path_inside(repository.root, path));
        for (fs::path folder = fs::path(inside).parent_path(); !folder.empty(); folder = folder.parent_path()) {
            std::error_code error;
            if (!fs::exists(root / folder / ".git", error)) continue;
            return fail(repository_error(
                owner_error("fit-submodule",
                            fmt::format("{} is a submodule, a git repository of its own", printable(folder.string())),
                            "nothing was changed: what has to be edited belongs into that repository"),
                path));
        }
    }
    return {};
}

Done not_behind_links(const Repository& repository, std::span<const std::string> paths) {
    const fs::path root(repository.root);
    for (const std::string& path : paths) {
        fs::path so_far;
        for (const fs::path& part : fs::path(path)) {
            so_far /= part;
            std::error_code error;
            if (!fs::is_symlink(root / so_far, error)) continue;
            const std::string target = fs::read_symlink(root / so_far, error).string();
            const bool itself = so_far == fs::path(path);
            return fail(repository_error(
                owner_error("fit-link",
                            fmt::format("{} a link to {}, and only files that stand where they are named are changed",
                                        itself ? "is" : fmt::format("lies behind {},", printable(so_far.string())),
                                        printable(target)),
                            itself ? "put the file itself in the link's place, then fit again"
                                   : "name the folder itself where the link is named, then fit again"),
                path));
        }
    }
    return {};
}

Done git_add(const Repository& repository, std::span<const std::string> paths, ProcessRunner& processes) {
    if (paths.empty()) return {};
    if (repository.git.kind == GitKind::no_program)
        return fail(usage_error("git-missing", "git is not installed", "install git, or leave out --git-add"));
    if (repository.git.kind != GitKind::work_tree)
        return fail(
            repository_error(usage_error("git-not-a-work-tree",
                                         repository.git.reason.empty() ? "not a git work tree" : repository.git.reason,
                                         "leave out --git-add"),
                             repository.root));
    std::vector<std::string> inside;
    for (const std::string& path : paths) {
        LF_ASSIGN(inside.emplace_back(), path_inside(repository.root, path));
    }
    LF_TRY(ask_git(repository.root, with_paths({"add"}, inside), processes));
    return {};
}

Done may_delete(const Repository& repository, std::span<const std::string> paths, bool force,
                ProcessRunner& processes) {
    if (force || paths.empty()) return {};
    LF_ASSIGN(const auto states, file_states(repository, paths, processes));
    std::vector<std::string> kept;
    for (const auto& [path, state] : states)
        if (state != FileState::clean && state != FileState::deleted && state != FileState::missing)
            kept.push_back(path);
    if (kept.empty()) return {};
    const char* why =
        repository.git.kind == GitKind::work_tree    ? "git does not hold these files as they are"
        : repository.git.kind == GitKind::no_program ? "git is not installed, so nothing holds these files"
        : repository.git.kind == GitKind::refused    ? "git refuses this repository, so it cannot be asked about"
                                                     : "there is no git repository that holds these files";
    const char* cure = repository.git.kind == GitKind::work_tree
                           ? "commit them, or use --force to delete them all the same"
                           : "keep a copy and use --force to delete them all the same";
    return fail(repository_error(owner_error("delete-not-in-git", fmt::format("{}: {}", why, join(kept, ", ")), cure),
                                 repository.root));
}

}  // namespace lf::flake
