// SPDX-License-Identifier: MIT
/// \file
/// \brief What the steps of parse() share. Only the .cc files of this layer include it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "elf/image.h"

namespace lf::elf {

/// A longer name of a symbol or section is cut: without a limit, a table of names without zeros makes every look-up
/// cost the whole table. C++ mangles to some thousand bytes; this leaves room.
inline constexpr std::size_t kLongestName = std::size_t{16} << 10;

/// The name at `offset` of a string table, "" where there is none.
std::string_view name_at(Bytes strings, std::uint64_t offset);

/// The dynamic section, as far as it is there.
struct Dynamic {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> entries;  ///< tag, value
    std::optional<std::uint64_t> get(std::uint64_t tag) const;
    std::uint64_t get_or(std::uint64_t tag, std::uint64_t otherwise) const { return get(tag).value_or(otherwise); }
};

/// From `address` on, at most `wanted` bytes: what the file holds there.
Bytes loaded_up_to(const Image& image, std::uint64_t address, std::uint64_t wanted);

/// Header, segments and sections, or why not.
Result<Image> read_headers(Bytes file, const std::string& name);

Dynamic read_dynamic(const Image& image);
/// needed, soname, run_path, executable
void read_dynamic_names(Image& image, const Dynamic& dynamic);
/// symbols and dynamic_symbols; relocations first: their greatest index bounds the count where nothing else does
void read_symbols(Image& image, const Dynamic& dynamic);
void read_relocations(Image& image, const Dynamic& dynamic);
void read_notes(Image& image);
void read_load_calls(Image& image, const Dynamic& dynamic);
void read_plt(Image& image, const Dynamic& dynamic);

/// Names `what` once in the notes.
void note(Image& image, std::string what);

}  // namespace lf::elf
