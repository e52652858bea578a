// SPDX-License-Identifier: MIT
/// \file
/// \brief A fitted flake after its plans have changed: only what follows from the change is edited.
///
/// Pure, like fit(). The difference between what fit() would do by the plans that stand in the repository and what it
/// would do by the new ones is the update; what both would do is what the owner has taken out by hand since, and stays
/// out. Package names are replaced where the record says that fit wrote them; any other is the owner's.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "flake/fit.h"

namespace lf::flake {

struct UpdateResult {
    FitResult fit;
    std::vector<std::string> changed;  ///< one line for each host whose plan is another: "carbon: cpu → cuda, +3 flags"
};

/// Hosts that were never fitted are left alone. Errors: those of fit(); "update-not-fitted" (owner): there is no
/// record.
Result<UpdateResult> update(const FitRequest& request);
Result<UpdateResult> update(const FitRequest& request, const FileSource& files);

/// How the builds of two plans differ, in one line; "" = not at all.
std::string plan_difference(const plan::Plan& before, const plan::Plan& after);

}  // namespace lf::flake
