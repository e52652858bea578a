// SPDX-License-Identifier: MIT
#include "bench/model_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace lf::bench {
namespace {

constexpr std::uint64_t kSpareDisk = std::uint64_t{64} << 20;
// So much is written before the disk is told to begin with it; the kernel's own patience is a tenth of the memory.
constexpr std::uint64_t kFlush = std::uint64_t{32} << 20;

Error file_error(std::string id, std::string message, const std::string& path, std::string hint = {}) {
    Error error = world_error(std::move(id), std::move(message), std::move(hint));
    error.where.file = path;
    return error;
}

bool same_file(int descriptor, const std::string& path) {
    struct stat open = {}, named = {};
    return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

}  // namespace

ModelFile::ModelFile(std::string path) : path_(std::move(path)), partial_(path_ + ".partial") {}

ModelFile::~ModelFile() {
    if (mine_) ::unlink(partial_.c_str());
}

Error ModelFile::failure(int number) const {
    const bool full = number == ENOSPC || number == EDQUOT;
    return file_error(full ? "bench-disk-full" : "file-unwritable",
                      fmt::format("the model cannot be written: {}", std::strerror(number)), path_,
                      full ? "make room, or let XDG_CACHE_HOME name a folder on another disk" : "");
}

/// Whoever waited here finds the file renamed or removed by the one before: then it begins anew.
Done ModelFile::open() {
    while (!mine_) {
        descriptor_ =
            std::make_unique<Descriptor>(::open(partial_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (descriptor_->get() < 0) return fail(failure(errno));
        // A file system that knows no locks is written to without one.
        while (::flock(descriptor_->get(), LOCK_EX) != 0 && errno == EINTR) continue;
        mine_ = same_file(descriptor_->get(), partial_);
    }
    return {};
}

Done ModelFile::check_room(std::uint64_t bytes) const {
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    struct statvfs disk = {};
    if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return {};
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free >= bytes + kSpareDisk) return {};
    return fail(file_error("bench-disk-full",
                           fmt::format("the model needs {} MiB, only {} MiB are free", bytes >> 20, free >> 20), path_,
                           "make room, or let XDG_CACHE_HOME name a folder on another disk"));
}

Done ModelFile::reserve(std::uint64_t bytes) {
    if (::ftruncate(descriptor_->get(), 0) != 0) return fail(failure(errno));
    LF_TRY(check_room(bytes));
    // Not every file system can; those write without it.
    if (::fallocate(descriptor_->get(), 0, 0, static_cast<off_t>(bytes)) != 0 &&
        (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
        return fail(failure(errno));
    return {};
}

Done ModelFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor_->get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(failure(errno));
        bytes.remove_prefix(static_cast<std::size_t>(count));
        written_ += static_cast<std::uint64_t>(count);
    }
    if (written_ - flushed_ >= kFlush) {
        // Only a hint: what it may say of errors is said again by fdatasync.
        ::sync_file_range(descriptor_->get(), static_cast<off_t>(flushed_), static_cast<off_t>(written_ - flushed_),
                          SYNC_FILE_RANGE_WRITE);
        flushed_ = written_;
    }
    return {};
}

Done ModelFile::keep() {
    if (::fdatasync(descriptor_->get()) != 0 || ::rename(partial_.c_str(), path_.c_str()) != 0)
        return fail(failure(errno));
    mine_ = false;
    return {};
}

}  // namespace lf::bench
