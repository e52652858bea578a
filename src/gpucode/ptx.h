// SPDX-License-Identifier: MIT
/// \file
/// \brief What PTX says of itself: it is text, and one of its first lines is `.target sm_90a`.
#pragma once

#include <string>

#include "elf/reader.h"

namespace lf::gpucode {

/// "compute_90a" for PTX with a line `.target sm_90a, …` within its first 4096 bytes; "" where there is none.
std::string ptx_target(elf::Bytes head);

/// The same for what may be anything: PTX is known by a line `.version …` before, which a fat binary may leave out.
std::string ptx_file_target(elf::Bytes head);

}  // namespace lf::gpucode
