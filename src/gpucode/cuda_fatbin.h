// SPDX-License-Identifier: MIT
/// \file
/// \brief CUDA's fat binaries: containers one after the other, each with an entry for every target. See
/// doc/gpu-code.md.
#pragma once

#include <cstdint>
#include <vector>

#include "gpucode/collect.h"

namespace lf::gpucode {

/// Does a container begin here?
bool is_fatbin(elf::Bytes bytes);

/// Every container in `span`. `starts`: offsets of the file where wrappers say that one begins, sorted; where something
/// between is damaged, reading goes on at the next of them, else at the next magic number.
void read_fatbins(Span span, const std::vector<std::uint64_t>& starts, Collector& out);

}  // namespace lf::gpucode
