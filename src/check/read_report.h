// SPDX-License-Identifier: MIT
/// \file
/// \brief What `check --json` printed, read again: for showing it beside what is known otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "check/check.h"
#include "check/commands.h"

namespace lf::check {

struct ReadReport {
    CheckReport report;  ///< without the times, hints and facts of installed packages, which the JSON has not
    std::vector<HostCommands> commands;
};

/// Reads schema "llama-fleet/check", version kCheckVersion; what follows from the rest (the worst of each layer, what
/// counts) is left unread. `file` is named in errors only. Errors: those of base/json.h; "check-word" for a verdict or
/// layer that is none.
Result<ReadReport> report_from_json(std::string_view text, const std::string& file);

}  // namespace lf::check
