// SPDX-License-Identifier: MIT
/// \file
/// \brief The first bytes of something compressed, without unpacking the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "elf/reader.h"

namespace lf::gpucode {

enum class Packing : std::uint8_t { zlib, zstd, lz4 };  ///< lz4: a bare block, as in fat binaries

/// Does this begin with the magic of a zstd frame (28 B5 2F FD)?
bool is_zstd(elf::Bytes packed);

/// Up to `want` bytes from the beginning; fewer where the data ends or is damaged. Memory: `want`, and a window of at
/// most 128 MiB of address space (zstd's own limit for streams), of which only what is unpacked is touched.
std::vector<std::uint8_t> unpack_head(elf::Bytes packed, Packing packing, std::size_t want);

/// How many bytes of `packed` the zstd frame at its beginning takes: reads its block headers only. nullopt: not whole.
std::optional<std::uint64_t> zstd_frame_size(elf::Bytes packed);

}  // namespace lf::gpucode
