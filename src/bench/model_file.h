// SPDX-License-Identifier: MIT
/// \file
/// \brief A large new file: whole or not there, written by one process at a time, at the speed of the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/result.h"

namespace lf::bench {

/// PATH.partial until it is kept, and gone if it is not. A second process that wants the same file waits for the first;
/// what a killed one left is taken over. Errors of all: "bench-disk-full", "file-unwritable", with where.file.
class ModelFile {
  public:
    explicit ModelFile(std::string path);
    ~ModelFile();
    ModelFile(const ModelFile&) = delete;
    ModelFile& operator=(const ModelFile&) = delete;
    /// Opens it, and waits for others who are writing it.
    Done open();
    /// Takes the room on the disk: a full disk is found here, before a byte is written.
    Done reserve(std::uint64_t bytes);
    Done write(std::string_view bytes);
    /// Only after all bytes are on the disk does the file get its name.
    Done keep();

  private:
    Done check_room(std::uint64_t bytes) const;
    Error failure(int number) const;
    std::string path_;
    std::string partial_;
    std::unique_ptr<Descriptor> descriptor_;
    std::uint64_t written_ = 0;
    std::uint64_t flushed_ = 0;
    bool mine_ = false;  ///< partial_ is what descriptor_ is, and locked
};

}  // namespace lf::bench
