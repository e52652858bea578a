// SPDX-License-Identifier: MIT
/// \file
/// \brief Single steps of a transaction that are on the disk when they return. Internal to transaction and journal.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lf::flake {

/// "file-read-only" or "file-unwritable" for an errno value, where.file = path.
Error write_error(const std::string& path, std::string_view what, int number);

/// A name is a folder, a file, something else, or not there. Links are not followed.
Result<std::optional<struct stat>> status_of(const std::string& path);

/// Makes a file that was not there, with the mode and (where we may) the owner of `like`, and syncs it. nullptr: `mode`
/// less what the umask forbids, owner of the folder if we are root.
Done write_new_file(const std::string& path, std::string_view bytes, const struct stat* like,
                    std::uint32_t mode = 0666);

/// Makes a folder, with the owner of the one it is in if we are root.
Done make_folder(const std::string& path);

/// Syncs the names in a folder.
Done sync_folder(const std::string& path);

/// Removes a file; it is fine if there is none.
Done remove_file(const std::string& path);

Done rename_file(const std::string& from, const std::string& to);

/// The SHA-256 of a file; nullopt if there is none. Error "file-not-regular" for links, folders, devices.
Result<std::optional<std::string>> hash_of(const std::string& path);

}  // namespace lf::flake
