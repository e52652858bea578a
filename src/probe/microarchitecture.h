// SPDX-License-Identifier: MIT
/// \file
/// \brief The name people use for a core design. For display only: no rule reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "facts/machine.h"

namespace lf::probe {

inline constexpr int kUnknownStepping = -1;

/// nullopt if the table does not know the signature, or if the CPU has a feature which that design never had (virtual
/// machines borrow signatures: QEMU's "Icelake-Server" has the model number of an Atom),
/// or if the stepping decides and is kUnknownStepping.
std::optional<std::string> microarchitecture(std::string_view vendor, int family, int model, int stepping,
                                             const facts::FeatureSet& features);

/// Of what facts say already; nullopt too for a CPU whose name says that a hypervisor made it up.
std::optional<std::string> microarchitecture(const facts::Cpu& cpu);

}  // namespace lf::probe
