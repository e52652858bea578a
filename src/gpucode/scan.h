// SPDX-License-Identifier: MIT
/// \file
/// \brief Looking for the numbers that formats begin with, and telling the system how a file is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gpucode/collect.h"

namespace lf::gpucode {

/// The first offset of the file from `from` on where these bytes stand in `span`; nullopt: nowhere.
std::optional<std::uint64_t> find_text(Span span, std::uint64_t from, std::string_view text);

/// The same for a little-endian number.
std::optional<std::uint64_t> find_magic(Span span, std::uint64_t from, std::uint32_t magic);

/// Of a section only headers will be read, far apart: the system shall not read ahead from the disk what nobody looks
/// at. Nothing else changes; for bytes that are no mapped file it means nothing.
void expect_jumps(elf::Bytes bytes);

}  // namespace lf::gpucode
