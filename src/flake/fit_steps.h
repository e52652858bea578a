// SPDX-License-Identifier: MIT
/// \file
/// \brief The two halves of fit(), for those that need what lies between them. Internal to fit and update.
#pragma once

#include "base/files.h"
#include "base/result.h"
#include "flake/fit.h"
#include "flake/record.h"

namespace lf::flake {

struct Fitted {
    FitResult result;     ///< every change, also those that instructions would hold back; nothing written down yet
    std::string overlay;  ///< path of the overlay file
};

/// What fit() would do. `overlay`: where the overlay file has to be; "" = where the owner would put it. Errors: as
/// fit().
Result<Fitted> all_edits(const FitRequest& request, const FileSource& files, const std::string& overlay = {});

/// Where instructions are left, only files of ours stay among the changes: the overlay, and what is in llama-fleet/.
void keep_ours(FitResult& result, const std::string& overlay);

/// Adds a layer for the changes to the record, as one more change, and fills in new_files. No change, no layer.
Done write_down(FitResult& result, Record record, const FileSource& files);

}  // namespace lf::flake
