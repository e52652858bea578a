// SPDX-License-Identifier: MIT
#include "cli/prove_fit.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "cli/check_inputs.h"

namespace lf::cli {
namespace fs = std::filesystem;
namespace {

/// A folder that goes with this.
class Scratch {
  public:
    static Result<Scratch> make() {
        std::error_code error;
        std::string pattern = (fs::temp_directory_path(error) / "llama-fleet-prove-XXXXXX").string();
        if (error || ::mkdtemp(pattern.data()) == nullptr) {
            Error failed = world_error("file-unwritable", fmt::format("cannot make a temporary folder: {}",
                                                                      error ? error.message() : std::strerror(errno)));
            failed.where.file = pattern;
            return fail(std::move(failed));
        }
        return Scratch(pattern);
    }
    Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    Scratch& operator=(Scratch&&) = delete;
    ~Scratch() {
        std::error_code error;
        if (!path_.empty()) fs::remove_all(path_, error);
    }
    const std::string& path() const { return path_; }

  private:
    explicit Scratch(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

Error copy_error(const std::string& path, const std::string& why) {
    Error error = world_error("file-unwritable", fmt::format("cannot copy it for the proof: {}", why));
    error.where.file = path;
    return error;
}

Done copy_files(const std::string& root, const std::vector<std::string>& files, const std::string& to) {
    for (const std::string& file : files) {
        const fs::path from = fs::path(root) / file;
        std::error_code error;
        const auto type = fs::symlink_status(from, error).type();
        if (type != fs::file_type::regular && type != fs::file_type::symlink) continue;  // gone, or a submodule
        fs::create_directories((fs::path(to) / file).parent_path(), error);
        fs::copy(from, fs::path(to) / file, fs::copy_options::copy_symlinks, error);
        if (error) return fail(copy_error(from.string(), error.message()));
    }
    return {};
}

Done make_changes(const std::string& root, const std::vector<flake::FileChange>& changes) {
    for (const flake::FileChange& change : changes) {
        const fs::path path = fs::path(root) / change.path;
        std::error_code error;
        if (!change.after) {
            fs::remove(path, error);
            continue;
        }
        fs::create_directories(path.parent_path(), error);
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out << *change.after;
        out.close();
        if (!out) return fail(copy_error(path.string(), "cannot write"));
    }
    return {};
}

/// What a flake would see of the changes after --git-add, which tells git of new files: neither what git ignores, nor
/// what was changed where git does not know it.
Result<std::vector<flake::FileChange>> seen_changes(const flake::Repository& repository,
                                                    const std::vector<std::string>& known,
                                                    const std::vector<flake::FileChange>& changes,
                                                    ProcessRunner& processes) {
    if (repository.git.kind != flake::GitKind::work_tree) return changes;
    const std::set<std::string> in_git(known.begin(), known.end());
    std::vector<std::string> made;
    for (const flake::FileChange& change : changes)
        if (!change.before && !in_git.contains(change.path)) made.push_back(change.path);
    LF_ASSIGN(const std::set<std::string> ignored, flake::ignored_files(repository, made, processes));
    std::vector<flake::FileChange> out;
    for (const flake::FileChange& change : changes)
        if (!change.before ? !ignored.contains(change.path) : in_git.contains(change.path)) out.push_back(change);
    return out;
}

Result<std::map<std::string, check::HostState>> states_of(const std::string& folder, const Arguments& arguments,
                                                          check::Nix& nix) {
    LF_ASSIGN(check::CheckRequest request, check_request(folder, arguments));
    request.as_files_lie = true;
    return check::host_states(request, nix);
}

}  // namespace

Result<std::vector<check::HostProof>> prove_fit(const flake::Repository& repository, const flake::FitResult& fit,
                                                const std::map<std::string, plan::Plan>& plans,
                                                const Arguments& arguments, ProcessRunner& processes,
                                                Terminal& terminal) {
    LF_ASSIGN(check::Nix nix, check::Nix::find(processes, check::search_from_environment()));
    LF_ASSIGN(const std::vector<std::string> files, flake::known_files(repository, processes));
    LF_ASSIGN(const Scratch scratch, Scratch::make());
    const std::string before = scratch.path() + "/before";
    const std::string after = scratch.path() + "/after";
    for (const std::string& folder : {before, after}) LF_TRY(copy_files(repository.root, files, folder));
    LF_ASSIGN(const std::vector<flake::FileChange> seen, seen_changes(repository, files, fit.changes, processes));
    LF_TRY(make_changes(after, seen));
    terminal.progress("fit: evaluating the hosts as they are …");
    LF_ASSIGN(const auto states_before, states_of(before, arguments, nix));
    terminal.progress("fit: evaluating the hosts as they would be …");
    LF_ASSIGN(const auto states_after, states_of(after, arguments, nix));
    std::map<std::string, std::string> planned;
    for (const auto& [host, plan] : plans) planned[host] = plan.build.package;
    return check::compare_hosts(states_before, states_after, planned, fit.superseded);
}

}  // namespace lf::cli
