// SPDX-License-Identifier: MIT
/// \file
/// \brief A fleet's report in four forms. All say the same; text and Markdown leave out what is long.
#pragma once

#include <string>

#include "report/report.h"

namespace lf::report {

inline constexpr int kReportVersion = 1;

/// One page that needs nothing else: style, script and its own JSON (id "llama-fleet-report") are in it, and its
/// Content-Security-Policy forbids everything else. Deterministic bytes.
std::string render_html(const FleetReport& fleet);

/// Lines of at most 80 columns; commands, which cannot be broken, may be longer.
std::string render_text(const FleetReport& fleet);

/// For a README or an issue: tables, every reason folded away.
std::string render_markdown(const FleetReport& fleet);

/// Schema "llama-fleet/report", version kReportVersion: everything that the page shows. What is not known of a host is
/// left out; a part of a host that equals an earlier host's is that host's name (a string where an array or object
/// would stand). Measured numbers have six digits, the files have them all; a speed or ratio is [mean, low, high] of
/// its 95 % interval. In a search the name of a step and a reason are numbers of the list "texts", a candidate is its
/// name or [name, part of the speed of the step's fastest].
std::string to_json(const FleetReport& fleet, bool compact = false);

}  // namespace lf::report
