// SPDX-License-Identifier: MIT
/// \file
/// \brief Pieces of the text for people.
#pragma once

#include <string>
#include <string_view>

#include "audit/render.h"

namespace lf::audit {

/// "1,234,567".
std::string grouped(std::uint64_t number);
/// "512 bytes", "4.1 kB", "1.2 MB", "1.2 GB"; 1 kB = 1000 bytes.
std::string size_words(std::uint64_t bytes);
/// "1 file", "2 files"; `many` where it is not `one` and an s.
std::string counted(std::uint64_t count, std::string_view one, std::string_view many = {});
/// A command that can be pasted: objdump over `length` bytes at `address` of the file that lies at `path`.
std::string objdump_command(const FileAudit& file, std::uint64_t address, std::size_t length, const std::string& path);
/// One file of a build, whose path stands in front of the file's where the build is a folder.
std::string file_text(const BuildAudit& build, const FileAudit& file, RenderOptions options);
/// Where the file lies: to be pasted.
std::string path_of(const BuildAudit& build, const FileAudit& file);

}  // namespace lf::audit
