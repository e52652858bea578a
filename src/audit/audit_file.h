// SPDX-License-Identifier: MIT
/// \file
/// \brief One file, looked into.
#pragma once

#include "audit/audit.h"
#include "audit/find_files.h"
#include "base/mapped_file.h"

namespace lf::audit {

/// Never fails: what went wrong stands in `error` and `why_not`. The file is mapped while this runs and closed after
/// it.
FileAudit audit_file(const FoundFile& found);

/// What the file holds goes into `out`, whose path is set; where the file changes meanwhile: only the error
/// "file-changed".
void audit_mapped(FileAudit& out, const MappedFile& mapped);

/// The level of every function of the program: one look at what a CPU with nothing but the baseline comes to.
std::vector<Level> function_levels(const Program& program);

/// Where debug files of an image may lie, the likeliest first: by its build id and by its .gnu_debuglink.
/// `directories`: $NIX_DEBUG_INFO_DIRS and /usr/lib/debug.
std::vector<std::string> debug_file_places(const elf::Image& image, const std::string& path,
                                           const std::vector<std::string>& directories);

}  // namespace lf::audit
