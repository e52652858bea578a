// SPDX-License-Identifier: MIT
/// \file
/// \brief The program: words typed → exit code.
#pragma once

#include <string>
#include <vector>

namespace lf::cli {

/// `words` are the command line without the program's name.
int run(const std::vector<std::string>& words);

}  // namespace lf::cli
