// SPDX-License-Identifier: MIT
#include "audit/find_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/descriptor.h"
#include "gpucode/ptx.h"

namespace lf::audit {
namespace {

using namespace std::string_view_literals;

struct Magic {
    std::string_view bytes;
    std::string_view what;  ///< "" = code that we read
};

constexpr std::size_t kHead = 4096;  // as far as PTX is looked at; the rest is told by fewer bytes

constexpr std::string_view kScript = "a script";

// The ELF gABI; CUDA's fat binary; clang's offload bundles, plain and compressed; SPIR-V. Then what people point at by
// mistake.
constexpr Magic kMagics[] = {
    {"\x7f"
     "ELF"sv,
     ""},
    {"\x50\xed\x55\xba"sv, ""},
    {"__CLANG_OFFLOAD_BUNDLE__"sv, ""},
    {"CCOB"sv, ""},
    {"\x03\x02\x23\x07"sv, ""},
    {"#!"sv, kScript},
    {"!<arch>\n"sv, "a static library (ar archive)"},
    {"!<thin>\n"sv, "a static library (thin ar archive)"},
    {"MZ"sv, "a Windows program (PE)"},
    {"\xcf\xfa\xed\xfe"sv, "a macOS program (Mach-O)"},
    {"\xfe\xed\xfa\xcf"sv, "a macOS program (Mach-O)"},
    {"\xca\xfe\xba\xbe"sv, "a macOS universal program (Mach-O) or a Java class"},
    {"\0asm"sv, "WebAssembly"},
    {"GGUF"sv, "a model (GGUF)"},
    {"BC\xc0\xde"sv, "LLVM bitcode"},
    {"PK\x03\x04"sv, "a zip archive"},
    {"\x1f\x8b"sv, "a file compressed with gzip"},
    {"\xfd"
     "7zXZ"sv,
     "a file compressed with xz"},
    {"\x28\xb5\x2f\xfd"sv, "a file compressed with zstd"},
    {"nix-archive-1"sv, "a Nix archive (NAR)"},
};

const Magic* magic_of(std::string_view head) {
    for (const Magic& magic : kMagics)
        if (head.starts_with(magic.bytes)) return &magic;
    return nullptr;
}

Error about(std::string id, const std::string& path, std::string message, std::string hint = {}) {
    Error error = world_error(std::move(id), std::move(message), std::move(hint));
    error.where.file = path;
    return error;
}

Error unreadable(const std::string& path, int number) {
    return about("audit-unreadable", path, fmt::format("cannot be read: {}", std::strerror(number)),
                 "audit as a user who may read it");
}

/// The first bytes of a regular file.
Result<std::string> head_of(const std::string& path, std::size_t most = kHead) {
    // O_NONBLOCK: somebody may have put a pipe there since we asked what it is.
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status {};
    if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) return fail(unreadable(path, errno));
    if (!S_ISREG(status.st_mode)) return fail(about("audit-unreadable", path, "is no regular file any more"));
    std::string head(most, '\0');
    const ssize_t got = ::pread(fd.get(), head.data(), head.size(), 0);
    if (got < 0) return fail(unreadable(path, errno));
    head.resize(static_cast<std::size_t>(got));
    return head;
}

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(path.c_str(), nullptr), &std::free);
    return resolved ? resolved.get() : "";
}

bool is_within(const std::string& path, const std::string& root) {
    return path == root || root == "/" || (path.starts_with(root) && path.at(root.size()) == '/');
}

/// Counts things of one kind and keeps the first few names.
struct Named {
    std::size_t count = 0;
    std::string names;
    void add(const std::string& name) {
        constexpr std::size_t kNamed = 3;
        if (++count <= kNamed) names += (names.empty() ? "" : ", ") + name;
        else if (count == kNamed + 1) names += "…";
    }
    void say(std::vector<std::string>& notes, std::string_view one, std::string_view many) const {
        if (count != 0) notes.push_back(fmt::format("{} {}: {}", count, count == 1 ? one : many, names));
    }
};

constexpr std::string_view kStore = "/nix/store/";

/// Of a path in a Nix store: what stands before "/nix/store" (a private store has a folder there); nullopt = in none.
std::optional<std::string> store_of(const std::string& path) {
    const std::size_t at = path.find(kStore);
    if (at == std::string::npos) return std::nullopt;
    return path.substr(0, at);
}

/// "<hash>-llama-cpp-9680" of "/nix/store/<hash>-llama-cpp-9680/lib/x.so".
std::string_view store_name(std::string_view path) {
    const std::size_t at = path.find(kStore);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = path.substr(at + kStore.size());
    return rest.substr(0, rest.find('/'));
}

/// The first store path of llama.cpp's that a script names: what it starts; "" = none.
std::string started_by(const std::string& script) {
    constexpr std::size_t kRead = 65536;
    const auto text = head_of(script, kRead);
    if (!text) return "";
    for (std::size_t at = text->find(kStore); at != std::string::npos; at = text->find(kStore, at + 1)) {
        const std::string_view rest = std::string_view(*text).substr(at + kStore.size());
        const std::string_view name = rest.substr(0, rest.find_first_of("/\"' \t\n"));
        if (is_llama_name(name)) return std::string(kStore) + std::string(name);
    }
    return "";
}

class Walk {
  public:
    Walk(Found& found, const FindLimits& limits) : found_(found), limits_(limits), store_(store_of(found.root)) {}

    void run() {
        folders_ = {{"", found_.root, 0}};
        walk();
        // What lies in the folder itself comes first; what links lead to may bring along more of them.
        while (!links_.empty()) {
            std::sort(links_.begin(), links_.end(), [](const Place& a, const Place& b) { return a.shown < b.shown; });
            for (const Place& one : std::exchange(links_, {})) link(one);
            walk();
        }
        std::sort(found_.files.begin(), found_.files.end(),
                  [](const FoundFile& a, const FoundFile& b) { return a.shown < b.shown; });
        say();
    }

  private:
    struct Place {
        std::string shown, path;
        std::size_t depth = 0;
    };

    void walk() {
        while (!folders_.empty()) {
            const Place folder = std::move(folders_.back());
            folders_.pop_back();
            if (folder.depth > limits_.depth) deep_.add(folder.shown);
            else read_folder(folder);
        }
    }

    void read_folder(const Place& folder) {
        const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(folder.path.c_str()), &::closedir);
        if (!handle) return closed_.add(folder.shown.empty() ? found_.root : folder.shown);
        while (const dirent* entry = ::readdir(handle.get())) {
            const std::string_view name = entry->d_name;
            if (name == "." || name == "..") continue;
            if (++entries_ > limits_.entries) return;
            const Place one{folder.shown.empty() ? std::string(name) : folder.shown + "/" + entry->d_name,
                            (folder.path == "/" ? "" : folder.path) + "/" + entry->d_name, folder.depth + 1};
            struct stat status {};
            if (::lstat(one.path.c_str(), &status) != 0) vanished_.add(one.shown);
            else if (S_ISDIR(status.st_mode)) folders_.push_back(one);
            else if (S_ISLNK(status.st_mode)) links_.push_back(one);
            else if (S_ISREG(status.st_mode)) file(one, status);
        }
    }

    /// Where a link leads. The links of a private store name the store as if it were the system's.
    std::string target_of(const Place& one) const {
        std::string target = real_path(one.path);
        if (!target.empty() || !store_ || store_->empty()) return target;
        std::string text(4096, '\0');
        const ssize_t size = ::readlink(one.path.c_str(), text.data(), text.size());
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return text.starts_with(kStore) ? real_path(*store_ + text) : "";
    }

    /// A link to something within the folder leads to what is found there anyway.
    void link(const Place& one) {
        const std::string target = target_of(one);
        if (target.empty()) return dangling_.add(one.shown);
        if (is_within(target, found_.root)) return;
        const bool within_store = limits_.follow_store && store_ && store_of(target) == store_;
        if (!within_store || !is_llama_name(store_name(target))) return outside_.add(one.shown + " -> " + target);
        struct stat status {};
        if (::lstat(target.c_str(), &status) != 0) return vanished_.add(one.shown);
        const std::string folder = one.shown.substr(0, one.shown.find_last_of('/') + 1);
        if (S_ISDIR(status.st_mode) && entered_.emplace(status.st_dev, status.st_ino).second)
            folders_.push_back({one.shown, target, one.depth});
        // libggml.so and libggml.so.0 lead to one file: it has its own name, whichever is read first.
        if (S_ISREG(status.st_mode)) file({folder + target.substr(target.find_last_of('/') + 1), target, 0}, status);
    }

    void file(const Place& place, const struct stat& status) {
        if (!seen_.emplace(status.st_dev, status.st_ino).second) return;
        FoundFile one{place.path, place.shown, {}};
        const auto head = head_of(one.path);
        if (!head) one.error = head.error();
        else if (!begins_as_code(*head)) {
            const std::string_view what = kind_of_other_file(*head);
            if (what.find("ar archive") != std::string_view::npos) archives_.add(place.shown);
            const std::string started = what == kScript ? started_by(place.path) : "";
            // A wrapper beside its own program names its own store path.
            if (!started.empty() && found_.root.find(started.substr(kStore.size())) == std::string::npos)
                scripts_.add(place.shown + " -> " + started);
            return;
        }
        if (found_.files.size() < limits_.files) found_.files.push_back(std::move(one));
        else surplus_.add(place.shown);
    }

    void say() {
        auto& notes = found_.notes;
        closed_.say(notes, "folder cannot be read", "folders cannot be read");
        vanished_.say(notes, "file vanished while it was looked at", "files vanished while they were looked at");
        outside_.say(notes, "link leads outside and was not followed", "links lead outside and were not followed");
        dangling_.say(notes, "link leads nowhere", "links lead nowhere");
        scripts_.say(notes, "script starts what lies in another store path: audit that, too",
                     "scripts start what lies in other store paths: audit those, too");
        archives_.say(notes, "static library was not examined", "static libraries were not examined");
        deep_.say(notes, "folder is too deep and was not entered", "folders are too deep and were not entered");
        surplus_.say(notes, "file was left out: too many", "files were left out: too many");
        if (entries_ > limits_.entries)
            notes.push_back(fmt::format("more than {} files and folders: the rest was not looked at", limits_.entries));
    }

    Found& found_;
    const FindLimits& limits_;
    std::optional<std::string> store_;
    std::vector<Place> folders_, links_;
    std::set<std::pair<dev_t, ino_t>> seen_, entered_;
    std::size_t entries_ = 0;
    Named closed_, vanished_, outside_, dangling_, scripts_, archives_, deep_, surplus_;
};

constexpr std::string_view kWhatToName = "name the folder or store path of a build, or one of its files";

Error nothing_in(const Found& found) {
    std::string hint(kWhatToName);
    for (const std::string& note : found.notes) hint += "\n" + note;
    return about("audit-empty", found.root, "holds no ELF file and no GPU code", hint);
}

std::string script_hint(const std::string& script) {
    const std::string started = started_by(script);
    return started.empty() ? "give the folder: the program that it starts is looked at too"
                           : "give what it starts: " + started;
}

Done add_single(Found& found, const std::string& name) {
    LF_ASSIGN(const std::string head, head_of(found.root));
    const std::string_view other = kind_of_other_file(head);
    if (begins_as_code(head)) {
        found.files.push_back({found.root, name, {}});
        return {};
    }
    const std::string_view what = head.empty() ? "an empty file" : other;
    return fail(about("audit-not-code", found.root,
                      what.empty() ? "is no ELF file and no GPU code"
                                   : fmt::format("is {}: audit reads ELF files and GPU code", what),
                      what == kScript ? script_hint(found.root) : std::string(kWhatToName)));
}

}  // namespace

bool is_llama_name(std::string_view name) {
    return name.find("llama") != std::string_view::npos || name.find("ggml") != std::string_view::npos;
}

std::string_view kind_of_other_file(std::string_view head) {
    const Magic* magic = magic_of(head);
    return magic == nullptr ? "" : magic->what;
}

bool begins_as_code(std::string_view head) {
    const Magic* magic = magic_of(head);
    if (magic != nullptr) return magic->what.empty();
    return !gpucode::ptx_file_target({reinterpret_cast<const std::uint8_t*>(head.data()), head.size()}).empty();
}

Result<Found> find_files(const std::string& path, const FindLimits& limits) {
    Found found;
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return fail(about("audit-missing", path, "there is no such file or folder", std::string(kWhatToName)));
        return fail(unreadable(path, errno));
    }
    found.root = real_path(path);
    if (found.root.empty()) return fail(unreadable(path, errno));
    if (S_ISDIR(status.st_mode)) {
        found.folder = true;
        Walk(found, limits).run();
        if (found.files.empty()) return fail(nothing_in(found));
        return found;
    }
    if (!S_ISREG(status.st_mode)) return fail(about("audit-not-code", path, "is neither a regular file nor a folder"));
    LF_TRY(add_single(found, path.substr(path.find_last_of('/') + 1)));
    return found;
}

}  // namespace lf::audit
