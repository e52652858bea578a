// SPDX-License-Identifier: MIT
/// \file
/// \brief The version of the architecture that a 64-bit ARM CPU has, for builders of Nix.
#pragma once

#include <optional>
#include <string>

#include "facts/machine.h"

namespace lf::facts {

/// The highest "armv8.N-a" or "armv9.N-a" that the features prove; nullopt = not even fp and asimd are there. Stricter
/// than what one program needs (plan/arm_arch.h): a builder promises it for every program.
std::optional<std::string> arm_version(const FeatureSet& features);

}  // namespace lf::facts
