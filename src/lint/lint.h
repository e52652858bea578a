// SPDX-License-Identifier: MIT
/// \file
/// \brief Judging anybody's llama.cpp overlay: by text alone, and, where it is asked for, by what Nix says.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "check/survey.h"
#include "flake/transaction.h"
#include "lint/finding.h"

namespace lf::lint {

struct Report {
    std::vector<Finding> findings;    ///< by file and place, then by rule
    std::vector<std::string> unread;  ///< files that do not parse: "a.nix: expected …"
    std::size_t files = 0;            ///< that were read
    std::size_t packages = 0;         ///< places where somebody overrides a llama.cpp
    bool evaluated = false;           ///< what only evaluation shows is among the findings
    bool incomplete = false;          ///< some host could not be evaluated in full; `notes` say which
    std::vector<std::string> notes;   ///< what could not be asked, one sentence each
};

/// Reads every Nix file of the repository (root "/") and judges it. Evaluates nothing.
Report lint(const FileSource& files);

/// The same, and what only evaluation shows.
Report lint(const FileSource& files, const std::vector<check::HostSurvey>& surveys);

struct Fixed {
    std::vector<flake::FileChange> changes;  ///< sorted by path; empty = nothing to mend
    std::size_t done = 0;                    ///< findings that were mended
    Report rest;                             ///< what is left, over the changed text
};

/// Mends what can be mended with certainty, again and again until nothing more can be: a mended place may show
/// another. Edits are proved as all edits are. Errors: "fit-unproved".
Result<Fixed> fix(const FileSource& files);

/// Findings that count: errors and warnings.
bool has_faults(const Report& report);

}  // namespace lf::lint
