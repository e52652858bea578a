// SPDX-License-Identifier: MIT
/// \file
/// \brief GPU code against a host's cards.
#pragma once

#include <span>
#include <vector>

#include "audit/audit.h"

namespace lf::audit {

/// One line for each of the machine's cards, in their order.
std::vector<CardVerdict> judge_cards(const BuildAudit& build, const facts::Machine& machine);

/// The first damage of `found` behind which code for a card of this machine may stand; nullptr = none. Chips that only
/// draw a screen take nothing; where the cards are not known, each may be there.
const gpucode::Damage* damage_for(std::span<const gpucode::Damage> found, const facts::Machine& machine);

}  // namespace lf::audit
