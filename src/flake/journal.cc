// SPDX-License-Identifier: MIT
// The lock is flock(2) on a file of its own: the kernel drops it when its holder dies, so there is no stale lock. The
// file is removed by its holder at the end; whoever opened it before that notices (no links left) and tries again.
#include "flake/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "flake/durable.h"
#include "flake/inside.h"

namespace lf::flake {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSchema = "llama-fleet/journal";
constexpr std::int64_t kVersion = 1;

/// The git folder of the work tree whose top is `top`: `.git` itself, or what the file `.git` names; "" if there is
/// none.
std::string git_folder(const fs::path& top) {
    std::error_code error;
    fs::path folder = top / ".git";
    if (fs::is_regular_file(folder, error)) {
        const auto text = read_file(folder.string(), 4096);
        constexpr std::string_view kPrefix = "gitdir: ";
        if (!text || !text->starts_with(kPrefix)) return {};
        folder = top / fs::path(trim(std::string_view(*text).substr(kPrefix.size())));
    }
    // A folder without HEAD is no git folder, whatever it is called.
    if (!fs::exists(folder / "HEAD", error)) return {};
    folder = fs::canonical(folder, error);
    return error ? std::string() : folder.string();
}

Json json_of(const std::optional<std::string>& text) { return text ? Json(*text) : Json(nullptr); }

Json json_of(const Journal& journal) {
    Json files = Json::array();
    for (const JournalFile& file : journal.files)
        files.push_back({{"path", file.path}, {"before", json_of(file.before)}, {"after", json_of(file.after)}});
    return {{"schema", kSchema},
            {"version", kVersion},
            {"root", journal.root},
            {"id", journal.id},
            {"committed", journal.committed},
            {"folders", journal.folders},
            {"files", files}};
}

Result<Journal> journal_of(const std::string& bytes, const std::string& file) {
    LF_ASSIGN(const Json json, parse_json(bytes, file));
    Journal journal;
    ObjectReader reader(json, file);
    reader.schema(kSchema, kVersion);
    journal.root = reader.string("root");
    journal.id = reader.string("id");
    journal.committed = reader.boolean("committed");
    journal.folders = reader.strings("folders");
    reader.each("files", [&](const Json& element, const std::string& path) -> Done {
        ObjectReader one(element, file, path);
        journal.files.push_back({one.string("path"), one.optional_string("before"), one.optional_string("after")});
        return one.finish();
    });
    LF_TRY(reader.finish());
    if (journal.id.size() != 16 || journal.id.find_first_not_of("0123456789abcdef") != std::string::npos)
        return fail(world_error("journal-id", "not an id of ours"));
    return journal;
}

/// A journal comes from the disk like everything else: it may only name what a transaction could have named.
Done check_paths(const Journal& journal, const std::string& top) {
    std::string root = top;
    if (journal.root != ".") {
        LF_ASSIGN(const std::string inside, path_inside(top, journal.root));
        root += "/" + inside;
    }
    std::vector<std::string> paths = journal.folders;
    for (const JournalFile& file : journal.files) paths.push_back(file.path);
    for (const std::string& path : paths) {
        LF_ASSIGN(const std::string inside, path_inside(root, path));
        if (inside != path) return fail(world_error("journal-path", "a path that is not the shortest"));
    }
    return {};
}

}  // namespace

std::vector<JournalPlace> journal_places(const std::string& root) {
    std::vector<JournalPlace> places;
    for (fs::path top(root);; top = top.parent_path()) {
        const std::string folder = git_folder(top);
        if (!folder.empty()) places.push_back({folder + "/llama-fleet", top.string()});
        if (!folder.empty() || top == top.root_path()) break;
    }
    places.push_back({root + "/.llama-fleet", root});
    return places;
}

JournalFolder::JournalFolder(JournalPlace place, int lock) : place_(std::move(place)), lock_(lock) {}

JournalFolder::JournalFolder(JournalFolder&& other) noexcept
    : place_(std::move(other.place_)), lock_(std::exchange(other.lock_, -1)) {}

JournalFolder::~JournalFolder() {
    if (lock_ < 0) return;
    ::unlink((place_.folder + "/journal.new").c_str());
    ::unlink((place_.folder + "/lock").c_str());
    ::rmdir(place_.folder.c_str());  // stays if a journal is left in it
    ::close(lock_);
}

Result<JournalFolder> JournalFolder::open(const JournalPlace& place) {
    const std::string file = place.folder + "/lock";
    constexpr int kTries = 1000;  // each repetition means that another run just ended
    for (int i = 0; i < kTries; ++i) {
        if (::mkdir(place.folder.c_str(), 0777) != 0 && errno != EEXIST)
            return fail(write_error(place.folder, "cannot make the folder for the journal", errno));
        struct stat status {};
        if (::lstat(place.folder.c_str(), &status) == 0 && !S_ISDIR(status.st_mode))
            return fail(write_error(place.folder, "cannot keep a journal here", ENOTDIR));
        const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (lock < 0 && errno == ENOENT) continue;
        if (lock < 0) {
            const int number = errno;
            ::rmdir(place.folder.c_str());
            return fail(write_error(file, "cannot lock the repository", number));
        }
        if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
            const int number = errno;
            ::close(lock);
            if (number == EINTR) continue;
            if (number != EWOULDBLOCK) return fail(write_error(file, "cannot lock the repository", number));
            break;
        }
        if (::fstat(lock, &status) == 0 && status.st_nlink > 0) return JournalFolder(place, lock);
        ::close(lock);
    }
    Error error = world_error("fit-locked", "another llama-fleet is writing in this repository",
                              "wait until it has ended, then run the same command again");
    error.where.file = file;
    return fail(std::move(error));
}

Result<std::optional<Journal>> JournalFolder::read() const {
    const std::string path = place_.folder + "/journal";
    const auto bytes = read_file(path);
    if (!bytes && bytes.error().id == "file-missing") return std::nullopt;
    if (!bytes) return fail(bytes.error());
    auto journal = journal_of(*bytes, path);
    Done checked = journal ? check_paths(*journal, place_.top) : Done(fail(journal.error()));
    if (checked) return std::move(*journal);
    Error error = owner_error("journal-damaged", "the journal of an interrupted run cannot be read",
                              fmt::format("see with `git status` whether the repository is as you want it, delete the "
                                          "files .llama-fleet-*.new and .llama-fleet-*.old, then delete {}",
                                          shell_word(path)));
    error.where.file = path;
    error.causes.push_back(std::move(checked.error()));
    return fail(std::move(error));
}

Done JournalFolder::write(const Journal& journal) const {
    const std::string fresh = place_.folder + "/journal.new";
    LF_TRY(remove_file(fresh));
    LF_TRY(write_new_file(fresh, write_json(json_of(journal)), nullptr));
    LF_TRY(rename_file(fresh, place_.folder + "/journal"));
    LF_TRY(sync_folder(place_.folder));
    return sync_folder(fs::path(place_.folder).parent_path().string());
}

Done JournalFolder::remove() const {
    LF_TRY(remove_file(place_.folder + "/journal"));
    return sync_folder(place_.folder);
}

}  // namespace lf::flake
