// SPDX-License-Identifier: MIT
/// \file
/// \brief A file whose line ends git, an editor or its owner has changed is still the same file. Internal to undo.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "flake/record.h"

namespace lf::flake {

std::string with_lf(std::string_view text);
/// Every line end is CR LF, also where it was already.
std::string with_crlf(std::string_view text);
/// There are line ends, and all of them are CR LF.
bool is_crlf(std::string_view text);

/// Is this the SHA-256 of the text, be its line ends LF or CR LF?
bool has_hash(const std::string& text, std::string_view hash);

/// The place in `to` of an offset in `from`: texts that differ in their line ends alone.
std::uint32_t same_place(std::string_view from, std::string_view to, std::size_t offset);

/// All its edits with LF. Their offsets stay.
RecordedFile with_lf(RecordedFile file);

}  // namespace lf::flake
