// SPDX-License-Identifier: MIT
/// \file
/// \brief SPIR-V modules (Vulkan's shaders) among other data. Nothing says where they are, so they are searched for.
#pragma once

#include <cstdint>

#include "gpucode/collect.h"

namespace lf::gpucode {

/// The size in bytes of the module that begins here; 0 = none does. A module counts only if its whole instruction
/// stream is sound up to the end of its last function: four bytes that happen to be the magic number do not make one.
/// `words` is lowered by what was read; at 0 the answer is 0.
std::uint64_t spirv_module(elf::Bytes bytes, std::uint64_t& words);

/// Does a file that begins like this say that it is one module, in little endian?
bool is_spirv(elf::Bytes bytes);

/// `file` as one module: what is no sound part of it is damage.
void read_spirv(Span file, Collector& out);

/// Every module in `span`.
void find_spirv(Span span, Collector& out);

}  // namespace lf::gpucode
