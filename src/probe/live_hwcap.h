// SPDX-License-Identifier: MIT
/// \file
/// \brief The auxiliary vector of this process: what the kernel tells of the CPU.
#pragma once

#include <optional>
#include <string>

namespace lf::probe {

/// The answer to Question::hwcap (question.h); nullopt on architectures whose words nobody here reads.
std::optional<std::string> ask_hwcap();

}  // namespace lf::probe
