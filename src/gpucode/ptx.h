// SPDX-License-Identifier: MIT
/// \file
/// \brief What PTX says of itself: it is text, and one of its first lines is `.target sm_90a`.
#pragma once

#include <string>

#include "elf/reader.h"

namespace lf::gpucode {

/// "compute_90a" for PTX with a line `.target sm_90a, …` within its first 4096 bytes; "" where there is none.
std::string ptx_target(elf::Bytes head);

/// The same for what may be anything: PTX begins with `.version 8.4`, before which only comments stand. A fat binary
/// may leave that out.
std::string ptx_file_target(elf::Bytes head);

/// Does it hold a block of code, and is every block, statement, comment and text closed? What is cut off within its
/// code has one that is not.
bool is_whole_ptx(elf::Bytes ptx);

}  // namespace lf::gpucode
