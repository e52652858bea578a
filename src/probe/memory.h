// SPDX-License-Identifier: MIT
/// \file
/// \brief How much memory the machine has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace lf::probe {

/// MemTotal of /proc/meminfo in MiB, rounded down.
std::optional<std::int64_t> read_memory_mib(const FileSource& files, std::vector<std::string>& notes);

}  // namespace lf::probe
