// SPDX-License-Identifier: MIT
#include "flake/inside.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"

namespace lf::flake {
namespace fs = std::filesystem;
namespace {

Error path_error(std::string id, const std::string& path, std::string message) {
    Error error = world_error(std::move(id), std::move(message));
    error.where.file = printable(path);
    return error;
}

Error outside(const std::string& path) {
    return path_error("path-outside", path, "leads out of the repository, where nothing is read or written");
}

}  // namespace

Result<std::string> path_inside(const std::string& root, const std::string& path) {
    if (path.empty() || printable(path) != path || path.find('\t') != std::string::npos)
        return fail(path_error("path-odd", path, "not a path that can be used: empty, control bytes or not UTF-8"));
    fs::path asked(path);
    if (asked.is_absolute()) return fail(outside(path));
    if (!asked.has_filename()) asked = asked.parent_path();
    const fs::path name = asked.filename();
    if (name.empty() || name == "." || name == "..") return fail(outside(path));
    std::error_code error;
    // Follows links as the kernel does, as far as folders exist; what does not exist yet is taken literally. A folder
    // that another writer removes while it is looked at is asked for again.
    fs::path folder;
    for (int i = 0; i < 4; ++i) {
        folder = fs::weakly_canonical(fs::path(root) / asked.parent_path(), error);
        if (error != std::errc::no_such_file_or_directory) break;
    }
    if (error) return fail(path_error("file-unreadable", path, fmt::format("cannot read: {}", error.message())));
    const fs::path inside = (folder / name).lexically_relative(root);
    if (inside.empty() || *inside.begin() == "..") return fail(outside(path));
    for (const fs::path& part : inside)
        if (part == ".git") return fail(path_error("path-in-git", path, "is in git's own folder"));
    fs::path so_far(root);
    for (const fs::path& part : inside) {
        so_far /= part;
        if (so_far == folder / name) break;
        const fs::file_status status = fs::symlink_status(so_far, error);
        if (status.type() == fs::file_type::not_found) break;
        if (status.type() != fs::file_type::directory)
            return fail(path_error("path-not-folder", path,
                                   fmt::format("'{}' is not a folder", so_far.lexically_relative(root).string())));
    }
    return inside.string();
}

}  // namespace lf::flake
