// SPDX-License-Identifier: MIT
/// \file
/// \brief GPU code against a host's cards.
#pragma once

#include <vector>

#include "audit/audit.h"

namespace lf::audit {

/// One line for each of the machine's cards, in their order.
std::vector<CardVerdict> judge_cards(const BuildAudit& build, const facts::Machine& machine);

}  // namespace lf::audit
