// SPDX-License-Identifier: MIT
/// \file
/// \brief Reading files: the live machine's, or a captured tree's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lf {

/// Files larger than this are refused unless a caller names another limit: nothing that we read as text is larger.
inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

/// The whole file. Errors: "file-missing", "file-unreadable", "file-too-large", "file-not-regular"; where.file = path.
/// Pseudo files of /proc and /sys, whose size is said to be 0, are read whole too.
Result<std::string> read_file(const std::string& path, std::size_t limit = kMaxFileBytes);

/// Where the paths of a machine lead: a tree of files, live ("/") or captured (any folder).
/// Links inside a captured tree are followed only while they stay inside it.
class FileSource {
  public:
    virtual ~FileSource() = default;
    /// `path` is absolute on the machine ("/proc/cpuinfo").
    virtual Result<std::string> read(const std::string& path) const = 0;
    /// Names in a folder, sorted; an error if it is none.
    virtual Result<std::vector<std::string>> list(const std::string& path) const = 0;
    /// What a symbolic link holds, unresolved.
    virtual Result<std::string> read_link(const std::string& path) const = 0;
    virtual bool exists(const std::string& path) const = 0;
    /// Permissions of a file (0777 at most); 0644 where they cannot be told.
    virtual std::uint32_t mode(const std::string& path) const;
};

/// The files below `root` ("" or "/" = this machine).
class RootedFiles final : public FileSource {
  public:
    explicit RootedFiles(std::string root);
    Result<std::string> read(const std::string& path) const override;
    Result<std::vector<std::string>> list(const std::string& path) const override;
    Result<std::string> read_link(const std::string& path) const override;
    bool exists(const std::string& path) const override;
    std::uint32_t mode(const std::string& path) const override;
    const std::string& root() const { return root_; }

  private:
    Result<std::string> resolve(const std::string& path) const;
    std::string root_;
};

/// Makes the file or replaces it whole: written beside it, synced, renamed. On failure nothing is changed. Errors:
/// "file-unwritable"; "file-not-regular" for devices and folders.
Done write_file_atomically(const std::string& path, std::string_view bytes);

/// `path` from the root, without "." and ".." and without a slash at its end; as it is where the working folder is
/// gone.
std::string absolute_path(const std::string& path);

/// Makes the folder and its parents.
Done make_directories(const std::string& path);

/// $XDG_CACHE_HOME/llama-fleet, else ~/.cache/llama-fleet; made if missing.
Result<std::string> cache_directory();

}  // namespace lf
