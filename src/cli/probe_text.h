// SPDX-License-Identifier: MIT
/// \file
/// \brief `probe --text`: the facts of a machine for people.
#pragma once

#include <string>

#include "facts/machine.h"

namespace lf::cli {

/// A headline, then a row for each thing that is known: cores and caches, every card with its address, memory and
/// driver, the machine's memory, the system. Lines of at most 80 columns; what is unknown is left out or in the notes.
std::string machine_text(const facts::Machine& machine);

}  // namespace lf::cli
