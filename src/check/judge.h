// SPDX-License-Identifier: MIT
/// \file
/// \brief Answers of Nix beside expectations of a plan → verdicts. Pure. Used inside check/ only.
#pragma once

#include <optional>
#include <string>

#include "check/check.h"
#include "check/evaluate.h"
#include "check/layers.h"
#include "plan/plan.h"

namespace lf::check {

PackageReport judge_package(const Expectation& expected, const PackageAnswer& answer, const HostRequest& request,
                            const Evidence& evidence);

HostReport judge_host(const HostRequest& request, const HostAnswer& answer, const Evidence& evidence);

}  // namespace lf::check
