// SPDX-License-Identifier: MIT
/// \file
/// \brief What `audit --json` printed, as far as a report shows it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "report/report.h"

namespace lf::report {

/// Another build of the same host, or another file about it.
void merge_audit(Audit& into, Audit other);

/// Of each host that the file speaks of, in its order; a host with several builds has one entry, the worst of them
/// tells. Reads schema "llama-fleet/audit"; what no report shows is left unread. `file` is named in errors only.
/// Errors: those of base/json.h; "report-word" for an outcome that is none.
Result<std::vector<std::pair<std::string, Audit>>> audits_from_json(std::string_view text, const std::string& file);

}  // namespace lf::report
