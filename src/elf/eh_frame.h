// SPDX-License-Identifier: MIT
/// \file
/// \brief .eh_frame: which ranges of code the compiler said to be functions. Stripping keeps it, for exceptions need
/// it.
///
/// Sources: LSB core 5.0, 10.6 (Exception Frames, .eh_frame_hdr); DWARF 5, 6.4 and 7.24; GCC's unwind-pe.h for pointer
/// encodings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "elf/image.h"

namespace lf::elf {

/// A frame description entry. Half-open; as the file says it, so that it may lie anywhere.
struct Frame {
    std::uint64_t start = 0, end = 0;
};

struct Frames {
    std::vector<Frame> frames;       ///< in the order of the file; empty ranges are left out
    std::vector<std::string> notes;  ///< what could not be read
};

/// Of all sections named .eh_frame, or where there are no section headers of the one that PT_GNU_EH_FRAME leads to.
/// In a relocatable file the places of functions are still relocations: it has no frames.
Frames frames(const Image& image);

}  // namespace lf::elf
