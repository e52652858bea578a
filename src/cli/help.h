// SPDX-License-Identifier: MIT
/// \file
/// \brief The option table as text for people: --help (80 columns) and the man page.
#pragma once

#include <string>

#include "cli/command.h"

namespace lf::cli {

std::string overview_text();
std::string command_text(const Command& command);
/// doc/llama-fleet.1, in man(7) macros.
std::string man_page();

}  // namespace lf::cli
