// SPDX-License-Identifier: MIT
/// \file
/// \brief The list of entries at the beginning of a bundle, as it stands in the file or as it was unpacked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gpucode/collect.h"

namespace lf::gpucode {

struct BundleEntry {
    std::uint64_t offset = 0, size = 0;  ///< from the bundle's start
    std::string_view id;                 ///< into the bytes that were read
};

struct BundleList {
    std::vector<BundleEntry> entries;
    std::uint64_t size = 0;  ///< bytes from the bundle's start to the end of the list
    std::string problem;     ///< "" = read to its end
    bool cut_off = false;    ///< the problem is that the bytes end
};

/// `head` may be less than the bundle.
BundleList read_bundle_list(elf::Bytes head);

/// Counts an entry by its id; where that says nothing, by what it holds (`code`; empty where it is packed).
void add_bundle_entry(std::string_view id, elf::Bytes code, std::uint64_t stored, std::uint64_t unpacked,
                      std::string_view compression, Collector& out);

}  // namespace lf::gpucode
