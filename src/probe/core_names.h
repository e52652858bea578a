// SPDX-License-Identifier: MIT
/// \file
/// \brief What the cores of a design are called ("goldencove", "gracemont"). For people: no rule reads it.
#pragma once

#include <optional>
#include <string>

#include "facts/machine.h"

namespace lf::probe {

/// The name of the cores with `role` in a CPU of cpu.microarchitecture; nullopt: not known.
std::optional<std::string> core_name(const facts::Cpu& cpu, const std::optional<std::string>& role);

}  // namespace lf::probe
