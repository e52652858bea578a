// SPDX-License-Identifier: MIT
/// \file
/// \brief Reading what is known of a fleet from the files in its repository. Nothing is evaluated, nothing is run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "report/report.h"

namespace lf::report {

/// Where the files lie below a flake.
inline constexpr const char* kFactsFolder = "/llama-fleet/facts";
inline constexpr const char* kPlanFolder = "/llama-fleet/plan";
inline constexpr const char* kBenchFolder = "/llama-fleet/bench";

/// What `check --json` or `audit --json` printed, and the name of the file for errors.
struct CheckText {
    std::string file;
    std::string text;
};

/// Also <host>.json.unfinished in the last of them is read, which a measurement that was broken off leaves.
/// Every host that has a file in one of the three folders of `files`, or that check or an audit speaks of; only those
/// in `only` unless that is empty. A file that cannot be read becomes a problem of its host and hides nothing else.
/// Errors: "no-fleet": there is no host at all; "unknown-host": one of `only` is not among them (with did-you-mean).
Result<FleetReport> gather(const FileSource& files, const std::optional<CheckText>& check,
                           const std::vector<std::string>& only, const std::vector<CheckText>& audits = {});

}  // namespace lf::report
