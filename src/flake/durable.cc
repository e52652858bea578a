// SPDX-License-Identifier: MIT
#include "flake/durable.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"

namespace lf::flake {
namespace {

std::string folder_of(const std::string& path) { return std::filesystem::path(path).parent_path().string(); }

bool write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// Run as root (sudo), what we make in somebody's repository must stay theirs.
void own_as_folder(int fd, const std::string& path) {
    struct stat folder {};
    if (::geteuid() == 0 && ::stat(folder_of(path).c_str(), &folder) == 0 &&
        ::fchown(fd, folder.st_uid, folder.st_gid) != 0)
        return;  // a file system without owners: nothing to keep
}

bool make_alike(int fd, const struct stat& like) {
    struct stat own {};
    if (::fstat(fd, &own) != 0) return false;
    if ((own.st_uid != like.st_uid || own.st_gid != like.st_gid) && ::fchown(fd, like.st_uid, like.st_gid) != 0 &&
        ::fchown(fd, static_cast<uid_t>(-1), like.st_gid) != 0)
        errno = 0;  // only root may give files away; git's own checkout does no better
    return ::fchmod(fd, like.st_mode & 07777) == 0;
}

}  // namespace

Error write_error(const std::string& path, std::string_view what, int number) {
    const bool read_only = number == EACCES || number == EPERM || number == EROFS;
    const bool full = number == ENOSPC || number == EDQUOT;
    Error error = world_error(read_only ? "file-read-only" : "file-unwritable",
                              fmt::format("{}: {}", what, std::strerror(number)),
                              read_only ? "make it writable for this user, then run the same command again"
                              : full    ? "make room on that disk, then run the same command again"
                                        : "");
    error.where.file = path;
    return error;
}

Result<std::optional<struct stat>> status_of(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) return status;
    if (errno == ENOENT) return std::nullopt;
    Error error = world_error("file-unreadable", fmt::format("cannot read: {}", std::strerror(errno)));
    error.where.file = path;
    return fail(std::move(error));
}

Done write_new_file(const std::string& path, std::string_view bytes, const struct stat* like, std::uint32_t mode) {
    const mode_t made = like != nullptr ? 0600 : mode & 0777;
    Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, made));
    if (fd.get() < 0) return fail(write_error(path, "cannot make the file", errno));
    if (like == nullptr) own_as_folder(fd.get(), path);
    if (!write_all(fd.get(), bytes) || (like != nullptr && !make_alike(fd.get(), *like)) || ::fsync(fd.get()) != 0 ||
        fd.close() != 0)
        return fail(write_error(path, "cannot write", errno));
    return {};
}

Done make_folder(const std::string& path) {
    if (::mkdir(path.c_str(), 0777) != 0) return fail(write_error(path, "cannot make the folder", errno));
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (fd.get() < 0) return fail(write_error(path, "cannot make the folder", errno));
    own_as_folder(fd.get(), path);
    return {};
}

Done sync_folder(const std::string& path) {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    // EINVAL: a file system that cannot sync a folder; there is nothing more to ask of it.
    if (fd.get() < 0 || (::fsync(fd.get()) != 0 && errno != EINVAL))
        return fail(write_error(path, "cannot sync the folder", errno));
    return {};
}

Done remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(write_error(path, "cannot delete", errno));
    return {};
}

Done rename_file(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return fail(write_error(to, "cannot replace the file", errno));
    return {};
}

Result<std::optional<std::string>> hash_of(const std::string& path) {
    LF_ASSIGN(const auto status, status_of(path));
    if (!status) return std::nullopt;
    if (!S_ISREG(status->st_mode)) {
        Error error = world_error("file-not-regular", "is a link, a folder or a device: only plain files are changed");
        error.where.file = path;
        return fail(std::move(error));
    }
    LF_ASSIGN(const std::string bytes, read_file(path));
    return sha256_hex(bytes);
}

}  // namespace lf::flake
