// SPDX-License-Identifier: MIT
/// \file
/// \brief What the owner should know about a host beside its plan: a table of rules, each with its words.
#pragma once

#include <string>
#include <vector>

#include "facts/machine.h"
#include "plan/plan.h"
#include "plan/rule.h"
#include "plan/rules_gpu.h"

namespace lf::plan {

/// What these rules look at.
struct NoteFacts {
    const facts::Machine& machine;
    const std::vector<Card>& cards;
    const Build& build;
};

/// Memory of a card that is kept free for its driver and for buffers, in MiB: what llama.cpp's --fit leaves.
inline constexpr std::int64_t kMarginMib = 1024;

/// What the cards that the package uses can hold together, in MiB, margins taken off; nullopt if one is not known.
/// An integrated GPU and the CPU share one memory: what it may use is never more than the machine's.
std::optional<std::int64_t> model_memory_mib(const NoteFacts& facts);

std::vector<std::string> host_notes(const NoteFacts& facts);

RuleChapter note_rules();

}  // namespace lf::plan
