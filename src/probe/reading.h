// SPDX-License-Identifier: MIT
/// \file
/// \brief Small steps that the parts of the probe share: one value out of one file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace lf::probe {

/// The text of a file without the blanks around it; nullopt if it cannot be read.
std::optional<std::string> read_text(const FileSource& files, const std::string& path);

/// The number that a file consists of, in base 10 or 16; nullopt if it cannot be read or is none.
std::optional<std::uint64_t> read_number(const FileSource& files, const std::string& path, int base);

/// Foreign text as facts may hold it: printable, at most 256 bytes (facts/codec.cc refuses more).
std::string label(std::string_view text);

/// Fit for facts as one word ([A-Za-z0-9_.-], at most 64 bytes); a name from the kernel that is not is hostile.
bool is_plain_word(std::string_view text);

/// Why a file could not be read, as the end of a note: "/proc/meminfo: cannot read: Permission denied".
std::string reason(const std::string& path, const Error& error);

}  // namespace lf::probe
