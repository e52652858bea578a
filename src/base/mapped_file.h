// SPDX-License-Identifier: MIT
/// \file
/// \brief A file as bytes in memory, without reading what nobody looks at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

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

  private:
    MappedFile(std::string path, const std::uint8_t* data, std::size_t size);
    std::string path_;
    const std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace lf
