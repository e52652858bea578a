// SPDX-License-Identifier: MIT
/// \file
/// \brief Rules about what was measured on the host: they come after the rules about what it is, and before its owner.
///
/// A measurement only ever takes away from what the CPU rules switch on, so that a plan with one asks for no feature
/// that a plan without it would not ask for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facts/choice.h"
#include "facts/machine.h"
#include "plan/plan.h"
#include "plan/rule.h"
#include "plan/rules_cpu.h"

namespace lf::plan {

/// What the measurement is asked about.
struct MeasuredQuestion {
    const facts::Machine& machine;
    const facts::Choice& choice;
    bool owner_chose_package = false;  ///< then the backend is not the measurement's to choose
    bool owner_chose_cpu = false;      ///< a CPU flag stands in the overrides, GGML_NATIVE too
};

/// Why the measurement does not speak of this machine; nullopt = it does.
std::optional<std::string> why_not_used(const MeasuredQuestion& question);

/// The package of the measured backend, where it differs from `line` (the rules' "package"), which is then overruled.
/// `notes` get what the owner should know.
std::string measured_package(const MeasuredQuestion& question, Because& line, std::vector<std::string>& notes);

/// Takes from `cpu` what the measured variant lacks: the flags that the variants differ in and all that builds on them.
void take_measured_variant(const MeasuredQuestion& question, CpuPlan& cpu);

/// What was measured, in a line for the notes; and the run-time parameters.
std::vector<std::string> measured_notes(const facts::Choice& choice);

std::vector<RuleChapter> measured_rules();

}  // namespace lf::plan
