// SPDX-License-Identifier: MIT
// The problem: a fit changes flake.nix, machine files, an overlay and some JSON. The system can replace one file at a
// time (rename), and the disk may be full, or the power gone, between any two of them. Half a fit is a flake that does
// not evaluate, in somebody's only copy.
//
// So everything that can fail for want of room is done beside the files first, and only renames and deletions remain:
//
//   1. lock                 one writer at a time; the kernel drops the lock of a dead one
//   2. recover              what a killed run left
//   3. check                every file still holds the bytes that its change was computed from, and may be written
//   4. journal (staging)    names what follows, so that a killed run can be cleaned up; synced
//   5. stage                new folders; for each file X beside it  .llama-fleet-ID-N.new  (the bytes after) and
//                           .llama-fleet-ID-N.old  (a second name of the file before, else a copy); synced
//   6. check again          nobody edited while we staged
//   7. journal (committed)  one rename, synced: from here on the transaction can be finished by anyone
//   8. replace              rename N.new to X, or delete X; folders synced
//   9. clean up             the .old files, folders that deletions left empty, then the journal; synced
//
// Killed before 7: the journal says staging, no file of the owner's was touched: recovery removes what was staged.
// Killed after 7: each X is as before or as after, because rename and unlink are all or nothing, and every .new that
// was not used and every .old is still there: recovery goes forward. A failure in 8 is taken back with the .old files
// in the same way; killed during that, .new files are gone that forward would need, and recovery goes back. Forward
// needs for each file: X is as after, or X is as before and its .new is there. Back needs: X is as before, or X is as
// after and its .old is there. Where neither holds for all files, somebody edited X after the kill: then nothing is
// touched and the owner is told. Recovery itself can be killed anywhere: it only makes steps that bring it nearer to
// the same end.
#include "flake/transaction.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

#include "base/process.h"
#include "base/text.h"
#include "flake/durable.h"
#include "flake/inside.h"
#include "flake/journal.h"

namespace lf::flake {
namespace fs = std::filesystem;
namespace {

using Hash = std::optional<std::string>;

enum class Side : std::uint8_t { before, after };

struct Paths {
    std::string target, fresh, old, folder;
};

/// One transaction on the disk, ours or a dead run's. The step functions are those of the head of this file.
class Transaction {
  public:
    Transaction(std::string root, Journal journal, const JournalFolder& place)
        : root_(std::move(root)), journal_(std::move(journal)), place_(place) {}

    Done stage(std::span<const FileChange> changes);
    Done commit();
    Done replace();
    Done clean_up(Side side);
    Result<RecoverOutcome> recover();
    /// Back to before, after `error`; returns the error, or "fit-unfinished" when that fails too.
    Error take_back(Error error);

  private:
    Paths paths_of(std::size_t index) const;
    Done stage_one(const Paths& paths, const FileChange& change) const;
    Result<bool> can_reach(Side side) const;
    Done move_to(Side side);
    Done check_unchanged() const;
    Done sync_folders() const;
    void remove_empty_folders() const;

    std::string root_;
    Journal journal_;
    const JournalFolder& place_;
};

Paths Transaction::paths_of(std::size_t index) const {
    const fs::path target = fs::path(root_) / journal_.files[index].path;
    const std::string folder = target.parent_path().string();
    const std::string staged = fmt::format("{}/.llama-fleet-{}-{}", folder, journal_.id, index);
    return {target.string(), staged + ".new", staged + ".old", folder};
}

Error changed_error(const std::string& path) {
    Error error = world_error("file-changed", "the file was changed while llama-fleet was at work",
                              "nothing was written; run the same command again");
    error.where.file = path;
    return error;
}

Done stop_if_interrupted() {
    if (interrupted()) return fail(world_error("interrupted", "interrupted; nothing was written"));
    return {};
}

Done Transaction::stage_one(const Paths& paths, const FileChange& change) const {
    LF_ASSIGN(const auto status, status_of(paths.target));
    if (status.has_value() != change.before.has_value()) return fail(changed_error(paths.target));
    const struct stat* like = status ? &*status : nullptr;
    if (change.after) LF_TRY(write_new_file(paths.fresh, *change.after, like, change.mode.value_or(0666)));
    // A second name keeps the very file, with its time and whatever else it has. Not every file system knows them.
    if (like != nullptr && ::link(paths.target.c_str(), paths.old.c_str()) != 0)
        LF_TRY(write_new_file(paths.old, *change.before, like));
    return {};
}

Done Transaction::stage(std::span<const FileChange> changes) {
    LF_TRY(place_.write(journal_));
    for (const std::string& folder : journal_.folders) LF_TRY(make_folder(root_ + "/" + folder));
    for (std::size_t i = 0; i < changes.size(); ++i) {
        LF_TRY(stop_if_interrupted());
        LF_TRY(stage_one(paths_of(i), changes[i]));
    }
    return sync_folders();
}

Done Transaction::check_unchanged() const {
    for (std::size_t i = 0; i < journal_.files.size(); ++i) {
        LF_ASSIGN(const Hash now, hash_of(paths_of(i).target));
        if (now != journal_.files[i].before) return fail(changed_error(paths_of(i).target));
    }
    return {};
}

Done Transaction::commit() {
    LF_TRY(check_unchanged());
    LF_TRY(stop_if_interrupted());
    journal_.committed = true;
    return place_.write(journal_);
}

Done Transaction::replace() { return move_to(Side::after); }

/// Every file that is not on that side yet goes there. A file with bytes of somebody else's stops the way forward; on
/// the way back it is left alone, for then it is not ours.
Done Transaction::move_to(Side side) {
    for (std::size_t i = 0; i < journal_.files.size(); ++i) {
        const bool forward = side == Side::after;
        const JournalFile& file = journal_.files[i];
        const Paths paths = paths_of(i);
        LF_ASSIGN(const Hash now, hash_of(paths.target));
        if (now == (forward ? file.after : file.before)) continue;
        if (now != (forward ? file.before : file.after)) {
            if (forward) return fail(changed_error(paths.target));
            continue;
        }
        if (!(forward ? file.after : file.before)) LF_TRY(remove_file(paths.target));
        else LF_TRY(rename_file(forward ? paths.fresh : paths.old, paths.target));
    }
    return sync_folders();
}

Done Transaction::sync_folders() const {
    std::set<std::string> folders;
    for (std::size_t i = 0; i < journal_.files.size(); ++i) folders.insert(paths_of(i).folder);
    for (const std::string& folder : journal_.folders)
        folders.insert(fs::path(root_ + "/" + folder).parent_path().string());
    for (const std::string& folder : folders) {
        LF_ASSIGN(const auto status, status_of(folder));
        if (status) LF_TRY(sync_folder(folder));
    }
    return {};
}

void Transaction::remove_empty_folders() const {
    for (const JournalFile& file : journal_.files) {
        if (file.after) continue;
        // rmdir takes empty folders only; the first that is not empty ends the way up.
        for (fs::path folder = fs::path(file.path).parent_path(); !folder.empty(); folder = folder.parent_path())
            if (::rmdir((fs::path(root_) / folder).c_str()) != 0) break;
    }
}

Done Transaction::clean_up(Side side) {
    for (std::size_t i = 0; i < journal_.files.size(); ++i) {
        LF_TRY(remove_file(paths_of(i).fresh));
        LF_TRY(remove_file(paths_of(i).old));
    }
    if (side == Side::after) {
        remove_empty_folders();
    } else {
        for (auto folder = journal_.folders.rbegin(); folder != journal_.folders.rend(); ++folder)
            if (::rmdir((root_ + "/" + *folder).c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY)
                return fail(write_error(root_ + "/" + *folder, "cannot remove the folder", errno));
    }
    LF_TRY(sync_folders());
    return place_.remove();
}

Result<bool> Transaction::can_reach(Side side) const {
    for (std::size_t i = 0; i < journal_.files.size(); ++i) {
        const JournalFile& file = journal_.files[i];
        const bool forward = side == Side::after;
        const Hash& wanted = forward ? file.after : file.before;
        LF_ASSIGN(const Hash now, hash_of(paths_of(i).target));
        if (now == wanted) continue;
        if (now != (forward ? file.before : file.after)) return false;
        if (!wanted) continue;
        LF_ASSIGN(const Hash staged, hash_of(forward ? paths_of(i).fresh : paths_of(i).old));
        if (staged != wanted) return false;
    }
    return true;
}

Result<RecoverOutcome> Transaction::recover() {
    if (!journal_.committed) {
        LF_TRY(clean_up(Side::before));
        return RecoverOutcome::rolled_back;
    }
    for (const Side side : {Side::after, Side::before}) {
        LF_ASSIGN(const bool possible, can_reach(side));
        if (!possible) continue;
        LF_TRY(move_to(side));
        LF_TRY(clean_up(side));
        return side == Side::after ? RecoverOutcome::finished : RecoverOutcome::rolled_back;
    }
    std::string list;
    for (std::size_t i = 0; i < journal_.files.size(); ++i)
        list +=
            fmt::format("\n  {}: before in {}, after in {}", journal_.files[i].path,
                        fs::path(paths_of(i).old).filename().string(), fs::path(paths_of(i).fresh).filename().string());
    Error error = owner_error(
        "journal-conflict", "an earlier run was interrupted, and its files were edited since",
        fmt::format("bring each file to the state you want (beside it, where still there:{}\n), delete those copies, "
                    "then delete {}",
                    list, shell_word(place_.place().folder + "/journal")));
    error.where.file = place_.place().folder + "/journal";
    return fail(std::move(error));
}

Error Transaction::take_back(Error error) {
    Done done = journal_.committed ? move_to(Side::before) : Done();
    if (done) done = clean_up(Side::before);
    if (done) return error;
    Error unfinished = world_error("fit-unfinished", "writing failed, and so did taking back what was written",
                                   "once the cause is mended, run the same command again: it starts by making the "
                                   "repository whole");
    unfinished.where = error.where;
    unfinished.causes = {std::move(error), std::move(done.error())};
    return unfinished;
}

// ---- before anything is touched ----

Done check_writable(const std::string& path) {
    if (::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0)
        return fail(write_error(path, "cannot be written", errno));
    return {};
}

/// The folders above `path` that are not there yet, parents first, and that the first one above them can be written.
Result<std::vector<std::string>> missing_folders(const std::string& root, const std::string& path) {
    std::vector<std::string> missing;
    fs::path folder = fs::path(path).parent_path();
    for (; !folder.empty(); folder = folder.parent_path()) {
        LF_ASSIGN(const auto status, status_of((fs::path(root) / folder).string()));
        if (status) break;
        missing.insert(missing.begin(), folder.string());
    }
    LF_TRY(check_writable((fs::path(root) / folder).string()));
    return missing;
}

/// The changes that change something, with the paths that path_inside gives.
Result<std::vector<FileChange>> resolved(const std::string& root, std::span<const FileChange> changes) {
    std::vector<FileChange> out;
    std::set<std::string> seen;
    for (const FileChange& change : changes) {
        LF_ASSIGN(std::string path, path_inside(root, change.path));
        if (!seen.insert(path).second)
            return fail(world_error("change-twice", fmt::format("two changes of the same file: {}", path)));
        if (change.before != change.after) out.push_back({std::move(path), change.before, change.after, change.mode});
    }
    return out;
}

std::string fresh_id() {
    std::random_device random;
    return fmt::format("{:08x}{:08x}", random(), random());
}

Hash hash_of_bytes(const std::optional<std::string>& bytes) { return bytes ? Hash(sha256_hex(*bytes)) : Hash(); }

Result<Journal> checked_journal(const std::string& root, const std::string& top,
                                const std::vector<FileChange>& changes) {
    Journal journal;
    journal.root = fs::path(root).lexically_relative(top).string();
    journal.id = fresh_id();
    for (const FileChange& change : changes) {
        const std::string target = root + "/" + change.path;
        LF_ASSIGN(const std::vector<std::string> missing, missing_folders(root, change.path));
        for (const std::string& folder : missing)
            if (std::find(journal.folders.begin(), journal.folders.end(), folder) == journal.folders.end())
                journal.folders.push_back(folder);
        journal.files.push_back({change.path, hash_of_bytes(change.before), hash_of_bytes(change.after)});
        LF_ASSIGN(const Hash now, hash_of(target));
        if (now != journal.files.back().before) return fail(changed_error(target));
        if (now) LF_TRY(check_writable(target));
    }
    return journal;
}

Result<std::string> resolved_root(const std::string& root) {
    std::error_code error;
    const fs::path path = fs::canonical(root.empty() ? "." : root, error);
    if (!error) return path.string();
    Error failed = world_error("file-unreadable", fmt::format("cannot read: {}", error.message()));
    failed.where.file = root;
    return fail(std::move(failed));
}

Result<RecoverResult> recover_in(const JournalFolder& place) {
    LF_ASSIGN(auto journal, place.read());
    RecoverResult result;
    if (!journal) return result;
    for (const JournalFile& file : journal->files) result.files.push_back(file.path);
    const fs::path root =
        journal->root == "." ? fs::path(place.place().top) : place.place().top / fs::path(journal->root);
    LF_ASSIGN(result.outcome, Transaction(root.string(), std::move(*journal), place).recover());
    return result;
}

}  // namespace

Done apply_changes(const std::string& root, std::span<const FileChange> changes) {
    LF_ASSIGN(const std::string real, resolved_root(root));
    LF_ASSIGN(const std::vector<FileChange> real_changes, resolved(real, changes));
    if (real_changes.empty()) return {};
    LF_ASSIGN(const JournalFolder place, JournalFolder::open(journal_places(real).front()));
    LF_TRY(recover_in(place));
    LF_ASSIGN(Journal journal, checked_journal(real, place.place().top, real_changes));
    Transaction transaction(real, std::move(journal), place);
    Done done = transaction.stage(real_changes);
    if (done) done = transaction.commit();
    if (done) done = transaction.replace();
    if (!done) return fail(transaction.take_back(std::move(done.error())));
    done = transaction.clean_up(Side::after);
    if (done) return {};
    Error error = world_error("fit-unfinished", "the changes are written, but cleaning up after them failed",
                              "once the cause is mended, run the same command again: it starts by cleaning up");
    error.where = done.error().where;
    error.causes.push_back(std::move(done.error()));
    return fail(std::move(error));
}

Result<RecoverResult> recover(const std::string& root) {
    LF_ASSIGN(const std::string real, resolved_root(root));
    RecoverResult result;
    for (const JournalPlace& candidate : journal_places(real)) {
        LF_ASSIGN(const auto status, status_of(candidate.folder));
        if (!status) continue;
        LF_ASSIGN(const JournalFolder place, JournalFolder::open(candidate));
        LF_ASSIGN(RecoverResult one, recover_in(place));
        if (one.outcome != RecoverOutcome::nothing) result = std::move(one);
    }
    return result;
}

}  // namespace lf::flake
