// SPDX-License-Identifier: MIT
/// \file
/// \brief A file as bytes in memory, without reading what nobody looks at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"

namespace lf {

/// A regular file mapped read-only, for as long as this lives. Somebody who shortens the file meanwhile must not kill
/// the program: see mapped_file.cc.
class MappedFile {
  public:
    /// Errors: those of read_file (base/files.h). An empty file is an empty span.
    static Result<MappedFile> open(const std::string& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::span<const std::uint8_t> bytes() const { return {data_, size_}; }
    const std::string& path() const { return path_; }

    /// Was the file written to or shortened since it was opened, or did a page of it fail to come from the disk? What
    /// was read of it is then perhaps of no state that it ever had. A file that is removed, or replaced as a whole by a
    /// new one of its name, is read to its end as it was, and did not change.
    bool changed() const;

  private:
    /// What tells one state of a file from another. Not the time of the inode: a new link to it changes that.
    struct State {
        std::int64_t size = 0, seconds = 0, nanoseconds = 0;
        bool operator==(const State&) const = default;
    };
    MappedFile(std::string path, Descriptor fd, State state, const std::uint8_t* data);
    std::string path_;
    Descriptor fd_;
    State state_;
    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace lf
