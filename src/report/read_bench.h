// SPDX-License-Identifier: MIT
/// \file
/// \brief Reading a result of bench without its runs.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "bench/result.h"

namespace lf::report {

/// As bench::from_json, with `runs` left empty: most of a result is its record of single runs, which no report shows. A
/// file that was written by hand, in another layout, is read whole and its runs are dropped then.
Result<bench::BenchResult> read_bench(std::string_view text, const std::string& file);

}  // namespace lf::report
