// SPDX-License-Identifier: MIT
/// \file
/// \brief What is not known of a host and makes its plan a cautious one: what everybody who sees a plan should see.
#pragma once

#include <string>
#include <vector>

#include "facts/machine.h"

namespace lf::plan {

/// A line each, at most 70 columns, safe to print; empty where all that matters is known. `plan --why` has the details.
std::vector<std::string> unknowns(const facts::Machine& machine);

}  // namespace lf::plan
