// SPDX-License-Identifier: MIT
#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/descriptor.h"

namespace lf {
namespace fs = std::filesystem;
namespace {

Error file_error(std::string id, const std::string& path, std::string_view what, int number) {
    Error error = world_error(std::move(id), fmt::format("{}: {}", what, std::strerror(number)));
    error.where.file = path;
    return error;
}

Error file_error(std::string id, const std::string& path, std::string message) {
    Error error = world_error(std::move(id), std::move(message));
    error.where.file = path;
    return error;
}

Done write_all(int fd, const std::string& path, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(file_error("file-unwritable", path, "cannot write", errno));
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

void sync_directory(const std::string& directory) {
    const Descriptor fd(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0) ::fsync(fd.get());
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t limit) {
    // O_NONBLOCK: a fifo in a hostile tree must not hang us; it is refused below.
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (fd.get() < 0)
        return fail(file_error(errno == ENOENT ? "file-missing" : "file-unreadable", path, "cannot read", errno));
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return fail(file_error("file-unreadable", path, "cannot read", errno));
    if (!S_ISREG(status.st_mode)) return fail(file_error("file-not-regular", path, "not a regular file"));
    const auto too_large = [&] {
        return fail(file_error("file-too-large", path, fmt::format("larger than the limit of {} bytes", limit)));
    };
    if (status.st_size > 0 && static_cast<std::size_t>(status.st_size) > limit) return too_large();
    std::string bytes;
    // One byte more than said: a file that does not grow is then read with two calls.
    std::size_t chunk = status.st_size > 0 ? static_cast<std::size_t>(status.st_size) + 1 : 4096;
    for (;;) {
        const std::size_t have = bytes.size();
        bytes.resize(have + chunk);
        const ssize_t got = ::read(fd.get(), bytes.data() + have, chunk);
        bytes.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(file_error("file-unreadable", path, "cannot read", errno));
        if (got == 0) return bytes;
        if (bytes.size() > limit) return too_large();
        // The kernel gives a file of /sys as a whole.
        if (static_cast<std::size_t>(got) < chunk && path.starts_with("/sys/")) return bytes;
        chunk = std::clamp<std::size_t>(bytes.size(), 4096, 1 << 20);
    }
}

RootedFiles::RootedFiles(std::string root) : root_(std::move(root)) {
    while (root_.ends_with('/')) root_.pop_back();
}

Result<std::string> RootedFiles::resolve(const std::string& path) const {
    if (root_.empty()) return path;
    // Walk the path ourselves: a link to an absolute path means that path *inside* the capture.
    std::vector<std::string> todo;
    for (const auto& part : fs::path(path)) todo.push_back(part.string());
    std::reverse(todo.begin(), todo.end());
    std::vector<std::string> done;
    int links = 0;
    const auto join_done = [&] { return fmt::format("{}/{}", root_, fmt::join(done, "/")); };
    while (!todo.empty()) {
        const std::string part = std::move(todo.back());
        todo.pop_back();
        if (part.empty() || part == "/" || part == ".") continue;
        if (part == "..") {
            if (!done.empty()) done.pop_back();
            continue;
        }
        done.push_back(part);
        std::error_code error;
        const fs::path target = fs::read_symlink(join_done(), error);
        if (error) continue;
        if (++links > 40) return fail(file_error("file-unreadable", path, "too many links"));
        done.pop_back();
        if (target.is_absolute()) done.clear();
        std::vector<std::string> parts;
        for (const auto& piece : target) parts.push_back(piece.string());
        todo.insert(todo.end(), parts.rbegin(), parts.rend());
    }
    return join_done();
}

Result<std::string> RootedFiles::read(const std::string& path) const {
    LF_ASSIGN(const std::string real, resolve(path));
    return read_file(real);
}

Result<std::vector<std::string>> RootedFiles::list(const std::string& path) const {
    LF_ASSIGN(const std::string real, resolve(path));
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator it(real, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename().string());
    if (error) return fail(file_error("file-unreadable", real, fmt::format("cannot list: {}", error.message())));
    std::sort(names.begin(), names.end());
    return names;
}

Result<std::string> RootedFiles::read_link(const std::string& path) const {
    const fs::path whole(path);
    LF_ASSIGN(const std::string parent, resolve(whole.parent_path().string()));
    std::error_code error;
    const fs::path target = fs::read_symlink(fs::path(parent) / whole.filename(), error);
    if (error) return fail(file_error("file-unreadable", path, fmt::format("not a link: {}", error.message())));
    return target.string();
}

std::uint32_t FileSource::mode(const std::string& /*path*/) const { return 0644; }

std::uint32_t RootedFiles::mode(const std::string& path) const {
    const auto real = resolve(path);
    struct stat status {};
    return real && ::stat(real->c_str(), &status) == 0 ? status.st_mode & 0777 : FileSource::mode(path);
}

bool RootedFiles::exists(const std::string& path) const {
    const auto real = resolve(path);
    std::error_code error;
    return real && fs::exists(*real, error);
}

Done write_file_atomically(const std::string& path, std::string_view bytes) {
    const std::string directory = fs::path(path).parent_path().string();
    struct stat status {};
    const bool there = ::stat(path.c_str(), &status) == 0;
    // Renaming onto it would replace a device (/dev/null!) by a file.
    if (there && !S_ISREG(status.st_mode)) return fail(file_error("file-not-regular", path, "not a regular file"));
    std::string temporary = (fs::path(directory) / fmt::format(".llama-fleet-{}-XXXXXX", ::getpid())).string();
    Descriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (fd.get() < 0) return fail(file_error("file-unwritable", path, "cannot write", errno));
    const mode_t mode = there ? (status.st_mode & 07777) : 0644;
    Done written = write_all(fd.get(), path, bytes);
    if (written && (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0 || fd.close() != 0 ||
                    ::rename(temporary.c_str(), path.c_str()) != 0))
        written = fail(file_error("file-unwritable", path, "cannot write", errno));
    if (!written) ::unlink(temporary.c_str());
    else sync_directory(directory);
    return written;
}

std::string absolute_path(const std::string& path) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(path, error);
    std::string text = error ? path : whole.lexically_normal().string();
    while (text.size() > 1 && text.ends_with('/')) text.pop_back();
    return text;
}

Done make_directories(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        return fail(file_error("file-unwritable", path, fmt::format("cannot make the folder: {}", error.message())));
    return {};
}

Result<std::string> cache_directory() {
    const char* xdg = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    std::string base;
    if (xdg != nullptr && *xdg == '/') base = xdg;
    else if (home != nullptr && *home == '/') base = std::string(home) + "/.cache";
    else return fail(world_error("no-cache-folder", "neither XDG_CACHE_HOME nor HOME names a folder", "set HOME"));
    const std::string path = base + "/llama-fleet";
    LF_TRY(make_directories(path));
    return path;
}

}  // namespace lf
