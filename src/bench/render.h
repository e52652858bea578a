// SPDX-License-Identifier: MIT
/// \file
/// \brief A result as text for people, at most 80 columns wide (candidates' descriptions and commands may be longer).
#pragma once

#include <string>

#include "bench/result.h"

namespace lf::bench {

/// Table, what was compared, warnings. Every comparison stands with its sample count. Ends with a newline.
std::string render_text(const BenchResult& result);

}  // namespace lf::bench
