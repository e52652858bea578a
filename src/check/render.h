// SPDX-License-Identifier: MIT
/// \file
/// \brief The report as text of at most 80 columns and as JSON (schema "llama-fleet/check", version kCheckVersion).
#pragma once

#include <string>
#include <vector>

#include "check/check.h"
#include "check/commands.h"

namespace lf::check {

inline constexpr int kCheckVersion = 3;

/// Every host with its verdict, its layers in one line where they are as they should be, else what differs layer by
/// layer, then where it is installed. `details` adds the variants that are shown, each layer with what it was judged
/// by, and the derivations. Paths and commands, which cannot be broken, may be longer than 80.
std::string to_text(const CheckReport& report, bool details = false);

/// One line a host: "carbon     llama-cpp-cuda    shown (stand-in inputs)".
std::string to_summary(const CheckReport& report);

std::string to_json(const CheckReport& report, const std::vector<HostCommands>& commands);

}  // namespace lf::check
