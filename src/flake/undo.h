// SPDX-License-Identifier: MIT
/// \file
/// \brief Taking out what fit has put in, by the record that it left (record.h). Pure: reads files, writes nothing.
///
/// A file that nobody has touched since gets its old bytes back, and their hash is checked. In one that its owner has
/// edited, each of our edits is looked for (relocate.h); only its bytes change, and the result has to parse. Files that
/// fit made go, unless their owner has edited them; files that it deleted come back. All or nothing, as in fit.
#pragma once

#include <string>

#include "base/files.h"
#include "base/result.h"
#include "flake/fit.h"

namespace lf::flake {

struct UndoRequest {
    std::string root;    ///< the folder that holds flake.nix
    bool force = false;  ///< take out what can be found, delete our files also where they were edited
};

/// `changes` is empty when there is nothing to undo, or when `instructions` are left. Errors: those of read_record;
/// "undo-no-record" (owner): the flake is fitted, but no record says how; "edits-damaged": the record does not fit a
/// file that nobody has touched; "fit-unproved" as in fit.
Result<FitResult> undo(const UndoRequest& request);
Result<FitResult> undo(const UndoRequest& request, const FileSource& files);

}  // namespace lf::flake
