// SPDX-License-Identifier: MIT
/// \file
/// \brief HSA_OVERRIDE_GFX_VERSION: whoever sets it makes ROCm's user space believe in another GPU than there is.
///
/// The text form of Question::overrides, a line each: "HSA_OVERRIDE_GFX_VERSION <value> <where>", where "environment"
/// is that of this program and anything else a path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "facts/machine.h"

namespace lf::probe {

/// In the environment, in /etc/environment and /etc/set-environment, and in the units of services whose name has
/// "llama" in it; nullopt if it is nowhere. Only this one variable is taken from those files.
std::optional<std::string> find_overrides(const FileSource& files);

/// A note for each line of the answer that says something else than the target of an AMD card.
void tell_overrides(std::string_view answer, const std::vector<facts::Gpu>& gpus, std::vector<std::string>& notes);

}  // namespace lf::probe
