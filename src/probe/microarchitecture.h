// SPDX-License-Identifier: MIT
/// \file
/// \brief The name people use for a core design. For display only: no rule reads it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "facts/machine.h"

namespace lf::probe {

/// nullopt if the table does not know the signature, or if the CPU has a feature which that design never had (virtual
/// machines borrow signatures: QEMU's "Icelake-Server" has the model number of an Atom).
std::optional<std::string> microarchitecture(std::string_view vendor, int family, int model, int stepping,
                                             const facts::FeatureSet& features);

/// Of what facts say already.
std::optional<std::string> microarchitecture(const facts::Cpu& cpu);

}  // namespace lf::probe
