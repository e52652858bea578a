// SPDX-License-Identifier: MIT
/// \file
/// \brief A result for people, within 80 columns.
#pragma once

#include <string>

#include "bench/result.h"

namespace lf::bench {

std::string render_text(const BenchResult& result);

}  // namespace lf::bench
